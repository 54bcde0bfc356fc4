/** Payouts that ended without being paid and still need a person, grouped by their cause. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { FailureView, PayoutDetail, PayoutRow, Result } from '../../../shared/contract';
import { notPaidStatuses } from '../../components';
import { call } from '../../state/coffer';
import { useSession } from '../../state/session';

/** Read per status; a month with more failures than this has one cause, and is retried in several goes. */
const readAtMost = 100;
const atOnce = 8;

export interface NotPaid {
  readonly payouts: readonly PayoutDetail[];
  /** Payouts beyond those that were read. */
  readonly further: number;
}

export interface Cause {
  readonly key: string;
  readonly period: string;
  readonly status: PayoutDetail['status'];
  readonly reason: string;
  readonly nextAction: string;
  readonly payouts: readonly PayoutDetail[];
}

export interface Scope {
  readonly period: string | undefined;
  readonly creatorId: string | undefined;
}

/** Reads the payouts that failed, were returned or canceled. One that was tried again since is left out: the newest counts. */
export async function readNotPaid({ period, creatorId }: Scope): Promise<Result<NotPaid>> {
  const newest = new Map<string, PayoutRow>();
  let further = 0;
  for (const status of notPaidStatuses) {
    const list = await call('payouts.list', {
      offset: 0,
      limit: readAtMost,
      status,
      sort: 'createdAt',
      descending: true,
      ...(period === undefined ? {} : { period }),
      ...(creatorId === undefined ? {} : { creatorId }),
    });
    if (!list.ok) return list;
    const { rows, total } = list.value.page;
    further += total - rows.length;
    for (const row of rows) {
      const subject = `${row.period} ${row.creatorId} ${row.currency}`;
      const known = newest.get(subject);
      if (known === undefined || known.createdAt < row.createdAt) newest.set(subject, row);
    }
  }
  const ids = [...newest.values()].map((row) => row.intentId);
  const payouts: PayoutDetail[] = [];
  for (let start = 0; start < ids.length; start += atOnce) {
    const details = await Promise.all(
      ids.slice(start, start + atOnce).map((intentId) => call('payouts.get', { intentId })),
    );
    for (const detail of details) {
      if (!detail.ok) return detail;
      payouts.push(detail.value);
    }
  }
  const last = await Promise.all(payouts.map(isLast));
  return { ok: true, value: { payouts: payouts.filter((_, index) => last[index] === true), further } };
}

/** False when the creator has a newer payout of the same period and currency: then that one tells what is paid. */
async function isLast(payout: PayoutDetail): Promise<boolean> {
  if (payout.canRetry) return true;
  const { period, creatorId, currency, createdAt } = payout;
  const list = await call('payouts.list', {
    offset: 0,
    limit: readAtMost,
    period,
    creatorId,
    sort: 'createdAt',
    descending: true,
  });
  return !list.ok || !list.value.page.rows.some((row) => row.currency === currency && row.createdAt > createdAt);
}

/** Largest group first. Periods stay apart, since a retry is a batch of one period. */
export function byCause(payouts: readonly PayoutDetail[]): readonly Cause[] {
  const causes = new Map<string, Cause & { payouts: PayoutDetail[] }>();
  for (const payout of payouts) {
    const { period, status, reason, nextAction } = payout;
    const key = JSON.stringify([period, status, reason, nextAction]);
    const cause = causes.get(key) ?? { key, period, status, reason, nextAction, payouts: [] };
    cause.payouts.push(payout);
    causes.set(key, cause);
  }
  return [...causes.values()].sort((a, b) => b.payouts.length - a.payouts.length || (a.key < b.key ? -1 : 1));
}

/** Reads again when the data change; the last answer stays while the next is on its way. */
export function useNotPaid({ period, creatorId }: Scope, enabled: boolean) {
  const revision = useSession((session) => session.revision);
  const [state, setState] = useState<{ value?: NotPaid; error?: FailureView }>({});
  const turn = useRef(0);
  const reload = useCallback(async () => {
    turn.current += 1;
    const mine = turn.current;
    const result = await readNotPaid({ period, creatorId });
    if (mine !== turn.current) return;
    setState(result.ok ? { value: result.value } : { error: result.error });
  }, [period, creatorId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is a reason to ask again.
  useEffect(() => {
    if (enabled) void reload();
    else setState({});
    return () => {
      turn.current += 1;
    };
  }, [enabled, reload, revision]);
  return { ...state, reload };
}
