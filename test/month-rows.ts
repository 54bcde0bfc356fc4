import {
  type AllocationWish,
  CurrencyRows,
  fundsOfPayment,
  type PaymentFunds,
  wantedOfAllocation,
} from '../shared/period/calculation';

/** Rows as the store hands them to the calculation. */
export function currencyRows(payments: Iterable<PaymentFunds>, allocations: Iterable<AllocationWish>): CurrencyRows {
  const rows = new CurrencyRows();
  for (const one of payments) rows.addPayment(one.subscriberId, fundsOfPayment(one));
  for (const one of allocations)
    rows.addAllocation(one.allocationId, one.subscriberId, one.creatorId, wantedOfAllocation(one));
  return rows;
}
