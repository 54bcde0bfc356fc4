import { useState } from 'react';
import type { LineMovement, ReconciliationRow, ReconciliationSummary } from '../../../shared/contract';
import { Amount, Button, Drawer, Failure, instantText, KeyValue, ScreenLink, TextField } from '../../components';
import { useAction } from '../../state/coffer';
import { listsChanged } from '../../state/session';
import { tell } from '../../state/toasts';
import './line-drawer.css';
import { isOpenException, OutcomePill, sides, typeWords } from './outcome';

interface LineDrawerProps {
  readonly period: string;
  readonly line: ReconciliationRow | undefined;
  readonly onClose: () => void;
  readonly onResolved: (summary: ReconciliationSummary) => void;
}

/** One line with all it says; an exception that nobody explained has a form for it. */
export function LineDrawer({ period, line, onClose, onResolved }: LineDrawerProps) {
  return (
    <Drawer
      isOpen={line !== undefined}
      onClose={onClose}
      title={line === undefined ? '' : isOpenException(line) ? 'Explain an exception' : 'Line'}
      width={560}
    >
      {line !== undefined && (
        <>
          <Facts line={line} />
          {isOpenException(line) && (
            <Explain key={line.stripeId} period={period} line={line} onClose={onClose} onResolved={onResolved} />
          )}
        </>
      )}
    </Drawer>
  );
}

function Facts({ line }: { readonly line: ReconciliationRow }) {
  return (
    <KeyValue
      items={[
        { label: 'Amount', value: <Amount value={line.amount} currency={line.currency} size="large" showCurrency /> },
        { label: 'Outcome', value: <OutcomePill row={line} /> },
        { label: 'Balance', value: sides[line.side] },
        { label: 'Type', value: typeWords(line.type) },
        { label: 'Date', value: instantText(line.at) },
        { label: line.side === 'ledger' ? 'Id in the ledger' : 'Stripe id', value: line.stripeId },
        { label: line.resolvedBy === null ? 'What Coffer found' : 'Explanation', value: line.explanation },
        ...(line.resolvedBy === null ? [] : [{ label: 'Explained by', value: line.resolvedBy }]),
        {
          label: 'Movement of ours',
          value: <Movement line={line} />,
        },
      ]}
    />
  );
}

const movementWords: Readonly<Record<LineMovement['kind'], string>> = {
  pay: 'Payout',
  fund: 'Funding of Storage',
  release: 'Return to Payments',
  canary: 'Canary of the migration',
  compensate: 'Rollback of the migration',
};

/** What of ours the line belongs to, leading to where it is shown. */
function Movement({ line: { intentId, movement } }: { readonly line: ReconciliationRow }) {
  if (intentId === null || movement === null) return 'None';
  const { kind, part, period } = movement;
  return (
    <>
      {movementWords[kind]}, {period}.{' '}
      {kind === 'pay' ? (
        <ScreenLink to="payouts" params={{ period, intentId }}>
          Open the payout
        </ScreenLink>
      ) : part === 'migration' ? (
        <ScreenLink to="migration" params={{ step: 'execute' }}>
          Open the migration
        </ScreenLink>
      ) : (
        <ScreenLink to="month-end" params={{ period }}>
          Open the month end of {period}
        </ScreenLink>
      )}
    </>
  );
}

interface ExplainProps {
  readonly period: string;
  readonly line: ReconciliationRow;
  readonly onClose: () => void;
  readonly onResolved: (summary: ReconciliationSummary) => void;
}

function Explain({ period, line, onClose, onResolved }: ExplainProps) {
  const resolve = useAction('reconciliation.resolve');
  const [explanation, setExplanation] = useState('');
  const [asked, setAsked] = useState(false);
  const tooShort = explanation.trim().length < 3;
  const submit = async () => {
    setAsked(true);
    if (tooShort) return;
    const result = await resolve.run({ period, stripeId: line.stripeId, explanation: explanation.trim() });
    if (!result.ok) return;
    onResolved(result.value);
    listsChanged();
    tell('Explained 1 exception', explanation.trim());
    onClose();
  };
  return (
    <form
      className="explain"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h3>Explanation</h3>
      <p className="muted">
        The line stays as it is. What you write is added to it and to the audit log with your name, and goes into the
        binder that the auditor reads.
      </p>
      <TextField
        label="What this line is, and why it is right"
        hint="For example: top-up by treasury on 12 October, bank advice 4711."
        value={explanation}
        onChange={setExplanation}
        rows={4}
        maxLength={500}
        autoFocus
        {...(asked && tooShort ? { error: 'Write what the line is, in three letters or more.' } : {})}
      />
      {resolve.error !== undefined && <Failure failure={resolve.error} />}
      <div className="row">
        <Button kind="primary" type="submit" isBusy={resolve.busy}>
          Explain 1 exception
        </Button>
        <Button onPress={onClose}>Cancel</Button>
      </div>
    </form>
  );
}
