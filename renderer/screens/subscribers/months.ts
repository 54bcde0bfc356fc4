/** A subscriber's statement added up by month, in one currency. Amounts in minor units. */
import type { SubscriberStatement } from '../../../shared/contract';
import { fundsOfPayment, type PaymentStatus } from '../../../shared/period/calculation';

type Payment = SubscriberStatement['payments'][number];

export interface Month {
  readonly period: string;
  readonly funds: string;
  readonly allocated: string;
  readonly unfunded: string;
  readonly unallocated: string;
}

const statuses: readonly PaymentStatus[] = ['succeeded', 'failed', 'disputed'];

/** What a payment adds to the funds: amount less refunds when it succeeded, else nothing. */
export function countedFunds(payment: Payment): string {
  const status = statuses.find((known) => known === payment.status) ?? 'failed';
  return String(fundsOfPayment({ amount: BigInt(payment.amount), refunded: BigInt(payment.refunded), status }));
}

/** Newest month first: unallocated = funds − Σ funded. */
export function byMonth({ payments, allocations }: SubscriberStatement, currency: string): readonly Month[] {
  const months = new Map<string, { funds: bigint; allocated: bigint; unfunded: bigint }>();
  const of = (period: string) => {
    const month = months.get(period) ?? { funds: 0n, allocated: 0n, unfunded: 0n };
    months.set(period, month);
    return month;
  };
  for (const payment of payments) {
    if (payment.currency === currency) of(payment.period).funds += BigInt(countedFunds(payment));
  }
  for (const { currency: code, period, funded, unfunded } of allocations) {
    if (code !== currency) continue;
    const month = of(period);
    month.allocated += BigInt(funded);
    month.unfunded += BigInt(unfunded);
  }
  return [...months]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([period, { funds, allocated, unfunded }]) => ({
      period,
      funds: String(funds),
      allocated: String(allocated),
      unfunded: String(unfunded),
      unallocated: String(funds - allocated),
    }));
}
