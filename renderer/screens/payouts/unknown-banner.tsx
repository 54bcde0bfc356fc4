import { useState } from 'react';
import type { FailureView } from '../../../shared/contract';
import { Banner, Button, counted, Failure } from '../../components';
import { call } from '../../state/coffer';
import { listsChanged } from '../../state/session';
import { tell } from '../../state/toasts';

/** Looked up in one go; what is left is offered again. */
const atMost = 50;

interface UnknownBannerProps {
  readonly count: number;
  readonly period: string | undefined;
}

/** Payouts whose outcome is not known are looked up at Stripe, never sent a second time. */
export function UnknownBanner({ count, period }: UnknownBannerProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<FailureView>();
  if (count === 0) return null;
  const some = Math.min(count, atMost);
  const lookUp = async () => {
    setBusy(true);
    setError(undefined);
    const settled = await lookUpUnknown(period);
    setBusy(false);
    if (settled.error !== undefined) setError(settled.error);
    if (settled.known + settled.unknown > 0) {
      tell(
        `${counted(settled.known, 'payout')} settled`,
        settled.unknown === 0 ? '' : `${counted(settled.unknown, 'payout')} still unknown; Stripe does not say yet.`,
      );
    }
    listsChanged();
  };
  return (
    <>
      <Banner
        tone="attention"
        title={`${counted(count, 'payout has', 'payouts have')} an unknown outcome.`}
        actions={
          <Button isBusy={busy} onPress={lookUp}>
            Look up {counted(some, 'payout')} at Stripe
          </Button>
        }
      >
        Stripe was called and did not answer, so the money may or may not have moved. Do not pay these creators in
        another way; the period cannot close before they are looked up.
      </Banner>
      {error !== undefined && <Failure failure={error} />}
    </>
  );
}

async function lookUpUnknown(
  period: string | undefined,
): Promise<{ known: number; unknown: number; error: FailureView | undefined }> {
  const ended = { known: 0, unknown: 0, error: undefined };
  const list = await call('payouts.list', {
    offset: 0,
    limit: atMost,
    status: 'unknown',
    ...(period === undefined ? {} : { period }),
  });
  if (!list.ok) return { ...ended, error: list.error };
  for (const { intentId } of list.value.page.rows) {
    const found = await call('payouts.resolve', { intentId });
    if (!found.ok) return { ...ended, error: found.error };
    if (found.value.status === 'unknown') ended.unknown += 1;
    else ended.known += 1;
  }
  return ended;
}
