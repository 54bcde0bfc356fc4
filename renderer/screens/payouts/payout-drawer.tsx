import { useState } from 'react';
import type { PayoutDetail } from '../../../shared/contract';
import {
  Amount,
  AmountCell,
  Banner,
  type BannerProps,
  Button,
  ConfirmDialog,
  Drawer,
  Failure,
  instantText,
  KeyValue,
  PayoutPill,
  payoutWords,
  ScreenLink,
  SimpleTable,
  Skeleton,
} from '../../components';
import { accountText } from '../../format/account';
import { useAction, useQuery } from '../../state/coffer';
import { listsChanged } from '../../state/session';
import { tell } from '../../state/toasts';
import { HoldDialog } from '../creators/hold-dialog';
import './payout-drawer.css';
import { RetryDialog } from './retry-dialog';

interface PayoutDrawerProps {
  readonly intentId: string | undefined;
  readonly onClose: () => void;
}

/** Everything about one payout, and what may be done with it. */
export function PayoutDrawer({ intentId, onClose }: PayoutDrawerProps) {
  return (
    <Drawer isOpen={intentId !== undefined} onClose={onClose} title="Payout" width={760}>
      {intentId !== undefined && <Payout key={intentId} intentId={intentId} />}
    </Drawer>
  );
}

function Payout({ intentId }: { readonly intentId: string }) {
  const query = useQuery('payouts.get', { intentId });
  const payout = query.value;
  return (
    <>
      {query.error !== undefined && <Failure failure={query.error} onRetry={query.reload} />}
      {query.loading && <Skeleton label="Loading the payout" height={420} />}
      {payout !== undefined && (
        <>
          <div className="payout-head">
            <div>
              <h3>
                <ScreenLink to="creators" params={{ creatorId: payout.creatorId }}>
                  {payout.displayName}
                </ScreenLink>
              </h3>
              <span className="muted">{payout.creatorId}, </span>
              <ScreenLink to="creators" params={{ creatorId: payout.creatorId, period: payout.period }}>
                earnings and allocations of {payout.period}
              </ScreenLink>
            </div>
            <PayoutPill status={payout.status} />
            <Amount value={payout.amount} currency={payout.currency} size="large" showCurrency />
          </div>
          <NextStep payout={payout} />
          <Actions payout={payout} onChanged={query.reload} onResolved={query.set} />
          <Facts payout={payout} />
          <Timeline payout={payout} />
          <LedgerLines payout={payout} />
        </>
      )}
    </>
  );
}

function NextStep({ payout }: { readonly payout: PayoutDetail }) {
  const tones: Readonly<Partial<Record<PayoutDetail['status'], BannerProps['tone']>>> = {
    unknown: 'attention',
    failed: 'bad',
    returned: 'bad',
  };
  const tone = tones[payout.status] ?? 'information';
  if (payout.status === 'posted' || (payout.reason === '' && payout.nextAction === '')) return null;
  return (
    <Banner tone={tone} title={payout.reason === '' ? payout.nextAction : payout.reason}>
      {payout.reason === '' ? undefined : payout.nextAction}
    </Banner>
  );
}

interface ActionsProps {
  readonly payout: PayoutDetail;
  readonly onChanged: () => void;
  readonly onResolved: (payout: PayoutDetail) => void;
}

function Actions({ payout, onChanged, onResolved }: ActionsProps) {
  const [open, setOpen] = useState<'retry' | 'cancel' | 'hold'>();
  const close = () => setOpen(undefined);
  const unknown = payout.status === 'unknown';
  return (
    <>
      <div className="row payout-actions">
        {unknown && <LookUp payout={payout} onResolved={onResolved} />}
        {payout.canRetry && (
          <Button kind="primary" onPress={() => setOpen('retry')}>
            Retry 1 payout…
          </Button>
        )}
        {payout.canCancel && !unknown && <Button onPress={() => setOpen('cancel')}>Cancel this payout…</Button>}
        <Button onPress={() => setOpen('hold')}>Hold creator…</Button>
      </div>
      {open === 'retry' && <RetryDialog payouts={[payout]} onClose={close} onRetried={onChanged} />}
      {open === 'cancel' && <CancelDialog payout={payout} onClose={close} onCanceled={onChanged} />}
      {open === 'hold' && (
        <HoldDialog
          kind="hold"
          creatorId={payout.creatorId}
          displayName={payout.displayName}
          onClose={close}
          onDone={onChanged}
        />
      )}
    </>
  );
}

function LookUp({ payout, onResolved }: Pick<ActionsProps, 'payout' | 'onResolved'>) {
  const resolve = useAction('payouts.resolve');
  const lookUp = async () => {
    const result = await resolve.run({ intentId: payout.intentId });
    if (!result.ok) return;
    onResolved(result.value);
    listsChanged();
    tell(
      result.value.status === 'unknown'
        ? 'Still unknown: Stripe does not say yet'
        : `The payout is ${payoutWords[result.value.status].word.toLowerCase()}`,
      payout.displayName,
    );
  };
  return (
    <>
      <Button kind="primary" isBusy={resolve.busy} onPress={lookUp}>
        Look up at Stripe
      </Button>
      {resolve.error !== undefined && <Failure failure={resolve.error} />}
    </>
  );
}

interface CancelDialogProps {
  readonly payout: PayoutDetail;
  readonly onClose: () => void;
  readonly onCanceled: () => void;
}

function CancelDialog({ payout, onClose, onCanceled }: CancelDialogProps) {
  const cancel = useAction('payouts.cancel');
  const confirm = async () => {
    const result = await cancel.run({ intentId: payout.intentId });
    if (!result.ok) return;
    tell('Canceled 1 payout', payout.displayName);
    listsChanged();
    onCanceled();
    onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      title="Cancel 1 payout"
      restatement={[
        { label: 'Creator', value: payout.displayName, numeric: true },
        { label: 'Period', value: payout.period, numeric: true },
        {
          label: 'Stays owed, in Storage',
          value: <Amount value={payout.amount} currency={payout.currency} showCurrency />,
          numeric: true,
          strong: true,
        },
      ]}
      action="Cancel 1 payout"
      cancelLabel="Keep the payout"
      danger
      isBusy={cancel.busy}
      {...(cancel.error === undefined ? {} : { error: cancel.error })}
      onConfirm={confirm}
      onCancel={onClose}
    >
      <p className="muted">
        {payout.status === 'processing'
          ? 'Stripe is asked to stop the payout; it refuses when the bank has it already.'
          : 'The payout was not sent to Stripe yet.'}{' '}
        It can be retried later.
      </p>
    </ConfirmDialog>
  );
}

const rails: Readonly<Record<string, string>> = {
  'financial-account': 'Storage, a financial account at Stripe',
  earmark: 'Storage, earmarked in Coffer’s ledger',
};

function Facts({ payout }: { readonly payout: PayoutDetail }) {
  return (
    <KeyValue
      items={[
        { label: 'Batch', value: payout.batch },
        { label: 'Paid out of', value: rails[payout.rail] ?? payout.rail },
        { label: 'Creator’s Stripe account', value: payout.stripeAccount === '' ? 'None' : payout.stripeAccount },
        { label: 'Stripe id', value: payout.stripeObject ?? 'None yet' },
        { label: 'Idempotency key', value: <code>{payout.idempotencyKey}</code> },
        { label: 'Movement', value: <code>{payout.intentId}</code> },
        { label: 'Attempts', value: payout.attempts.toLocaleString('en') },
        { label: 'Created', value: instantText(payout.createdAt) },
        { label: 'Settled', value: payout.settledAt === null ? 'Not settled' : instantText(payout.settledAt) },
      ]}
    />
  );
}

function Timeline({ payout }: { readonly payout: PayoutDetail }) {
  return (
    <section aria-label="What happened">
      <h3 className="payout-section">What happened</h3>
      {payout.events.length === 0 && <p className="muted">Nothing was recorded yet.</p>}
      <ol className="timeline">
        {payout.events.map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events are appended and never reordered.
          <li key={index} className="timeline-event">
            <span className="timeline-when">{instantText(event.at)}</span>
            <PayoutPill status={event.state} />
            <div className="timeline-words">
              {event.detail}
              <span className="timeline-ids">
                {event.attempt > 0 && `Attempt ${event.attempt}`}
                {event.attempt > 0 && event.requestId !== null && ', '}
                {event.requestId !== null && (
                  <>
                    request <code>{event.requestId}</code>
                  </>
                )}
              </span>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function LedgerLines({ payout }: { readonly payout: PayoutDetail }) {
  const { currency, ledgerLines } = payout;
  const total = (side: 'debit' | 'credit') => String(ledgerLines.reduce((sum, line) => sum + BigInt(line[side]), 0n));
  const code = currency.toUpperCase();
  return (
    <section aria-label="Ledger lines">
      <h3 className="payout-section">Ledger lines</h3>
      <SimpleTable
        caption="Ledger lines of the payout"
        empty="Nothing is posted for this payout."
        rows={ledgerLines.map((line, index) => ({ ...line, index }))}
        rowKey={(line) => String(line.index)}
        columns={[
          { id: 'at', header: 'Date', cell: (line) => <span className="payout-fixed">{instantText(line.at)}</span> },
          { id: 'account', header: 'Account', cell: (line) => accountText(line.account) },
          { id: 'description', header: 'Description', cell: (line) => line.description },
          {
            id: 'debit',
            header: `Debit ${code}`,
            align: 'end',
            cell: (line) => <Side value={line.debit} currency={currency} />,
          },
          {
            id: 'credit',
            header: `Credit ${code}`,
            align: 'end',
            cell: (line) => <Side value={line.credit} currency={currency} />,
          },
        ]}
        {...(ledgerLines.length === 0
          ? {}
          : {
              totals: [
                'Total',
                '',
                '',
                <AmountCell key="debit" value={total('debit')} currency={currency} />,
                <AmountCell key="credit" value={total('credit')} currency={currency} />,
              ],
            })}
      />
    </section>
  );
}

/** One side of an entry; the other side is not zero but not applicable. */
function Side({ value, currency }: { readonly value: string; readonly currency: string }) {
  return <AmountCell value={BigInt(value) === 0n ? null : value} currency={currency} />;
}
