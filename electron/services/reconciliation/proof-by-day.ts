/** opening + all lines = closing for each day, by balance and currency, the lines by what they are. Amounts in minor units. */
import type { DayKind, DayRow } from '../../../shared/contract/proof';
import { type Period, periodEnd } from '../../../shared/period/period';
import type { Queries } from '../../store/store';
import { ownTraffic } from './line-types';
import { openingBalances } from './proof';

export interface DayProof {
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly side: 'payments' | 'storage';
  readonly currency: string;
  readonly opening: bigint;
  readonly lines: Readonly<Partial<Record<DayKind, bigint>>>;
  readonly closing: bigint;
}

/**
 * The days from `first` to `last`, both included. Every line counts on the day Stripe gave it, also one that was listed late. The
 * closing of today is what `proveBalances` holds against Stripe.
 */
export async function proofByDay(db: Queries, first: string, last: string): Promise<DayProof[]> {
  const balances = new Map(await openingBalances(db));
  const earlier = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => ['side', 'currency', fn.sum<bigint>('amount').as('total')])
    .where('period', '<>', 'opening')
    .where('created_at', '<', first)
    .groupBy(['side', 'currency'])
    .execute();
  for (const { side, currency, total } of earlier) {
    const key = `${side}:${currency}`;
    balances.set(key, (balances.get(key) ?? 0n) + BigInt(total));
  }
  const rows = await db
    .selectFrom('stripe_line')
    .select(['side', 'currency', 'type', 'source', 'amount', 'created_at', 'outcome', 'resolved_by'])
    .where('period', '<>', 'opening')
    .where('created_at', '>=', first)
    .where('created_at', '<', dayAfter(last))
    .execute();
  const days = new Map<string, Map<DayKind, bigint>>();
  for (const row of rows) {
    const key = `${row.side}:${row.currency}`;
    if (!balances.has(key)) balances.set(key, 0n);
    const side = row.side === 'storage' ? 'storage' : 'payments';
    const isOpen = row.outcome !== 'matched' && row.resolved_by === null;
    const kind = isOpen ? 'open' : (ownTraffic({ ...row, side })?.kind ?? 'movement');
    const ofDay = days.get(`${row.created_at.slice(0, 10)} ${key}`) ?? new Map<DayKind, bigint>();
    ofDay.set(kind, (ofDay.get(kind) ?? 0n) + row.amount);
    days.set(`${row.created_at.slice(0, 10)} ${key}`, ofDay);
  }
  const names = [...balances.keys()].sort();
  const proofs: DayProof[] = [];
  for (let day = first; day <= last; day = dayAfter(day)) {
    for (const key of names) {
      const [side, currency = ''] = key.split(':');
      const opening = balances.get(key) ?? 0n;
      const lines = days.get(`${day} ${key}`) ?? new Map<DayKind, bigint>();
      const closing = [...lines.values()].reduce((sum, amount) => sum + amount, opening);
      balances.set(key, closing);
      const ofDay: Partial<Record<DayKind, bigint>> = Object.fromEntries(lines);
      proofs.push({
        day,
        side: side === 'storage' ? 'storage' : 'payments',
        currency,
        opening,
        lines: ofDay,
        closing,
      });
    }
  }
  return proofs;
}

function dayAfter(day: string): string {
  return new Date(new Date(day).getTime() + 86_400_000).toISOString().slice(0, 10);
}

/** The days of a calendar month on which something moved. */
export async function daysOfPeriod(db: Queries, period: Period): Promise<DayRow[]> {
  const last = new Date(periodEnd(period).getTime() - 1).toISOString().slice(0, 10);
  return (await proofByDay(db, `${period}-01`, last))
    .filter((one) => Object.keys(one.lines).length > 0)
    .map(({ lines, opening, closing, ...rest }) => ({
      ...rest,
      opening: String(opening),
      lines: Object.entries(lines).map(([kind, amount]) => ({ kind: kind as DayKind, amount: String(amount) })),
      closing: String(closing),
    }));
}
