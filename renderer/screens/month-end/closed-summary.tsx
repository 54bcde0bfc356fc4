import { useState } from 'react';
import type { Fact, MonthEndView, PeriodRow } from '../../../shared/contract';
import { Banner, Button, instantText, ReasonDialog, ScreenLink } from '../../components';
import { useAction } from '../../state/coffer';
import { FactsTable } from './facts-table';

interface ClosedSummaryProps {
  readonly view: MonthEndView;
  readonly row: PeriodRow | undefined;
  readonly onView: (view: MonthEndView) => void;
}

/** A closed month: its figures, who signed them, and where the proof is. */
export function ClosedSummary({ view, row, onView }: ClosedSummaryProps) {
  const [reopening, setReopening] = useState(false);
  const amounts = (label: string, list: PeriodRow['collected']): Fact[] =>
    list.map((amount) => ({ label, amount, text: null }));
  const close = view.steps.find((step) => step.step === 'close');
  const facts = [
    ...(row === undefined ? [] : [...amounts('Collected', row.collected), ...amounts('Platform revenue', row.revenue)]),
    ...(close?.facts ?? []),
  ];
  return (
    <>
      <Banner
        tone="good"
        title={`${view.period} is closed.`}
        actions={<Button onPress={() => setReopening(true)}>Reopen…</Button>}
      >
        Signed by {view.closedBy ?? 'someone'}
        {view.closedAt === null ? '' : ` on ${instantText(view.closedAt)}`}. The figures do not change any more; what
        arrives late belongs to the open month.
      </Banner>
      <FactsTable facts={facts} title={`Figures of ${view.period}`} />
      <ul className="closed-links">
        <li>
          <ScreenLink to="payouts" params={{ period: view.period }}>
            Payouts of {view.period}
          </ScreenLink>
        </li>
        <li>
          <ScreenLink to="reconciliation" params={{ period: view.period }}>
            Reconciliation of {view.period}
          </ScreenLink>
        </li>
      </ul>
      {reopening && <ReopenDialog period={view.period} onView={onView} onClose={() => setReopening(false)} />}
    </>
  );
}

interface ReopenDialogProps {
  readonly period: string;
  readonly onView: (view: MonthEndView) => void;
  readonly onClose: () => void;
}

function ReopenDialog({ period, onView, onClose }: ReopenDialogProps) {
  const reopen = useAction('monthEnd.reopen');
  const submit = async (reason: string) => {
    const done = await reopen.run({ period, reason });
    if (!done.ok) return;
    onView(done.value);
    onClose();
  };
  return (
    <ReasonDialog
      title={`Reopen ${period}`}
      label="Reason for the auditor"
      hint="What was wrong and what has to be done again. It goes into the audit log with your name."
      missing="Write the reason, in three letters or more."
      action={`Reopen ${period}`}
      danger
      isBusy={reopen.busy}
      error={reopen.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>The sign-off lapses. The closed version stays in the records beside the new one, and the exports show both.</p>
    </ReasonDialog>
  );
}
