/** What each step is called on every screen, and what it is for. */
import type { MonthEndStep } from '../../../shared/contract/month-end';

export const STEP_TITLES: Readonly<Record<MonthEndStep, readonly [title: string, purpose: string]>> = {
  preflight: ['Preflight', 'Checks the data, the connection and everything that could move money outside Coffer.'],
  lock: ['Lock', 'Freezes the payments and allocations of the month, with a hash. Later edits change nothing.'],
  earnings: ['Earnings', 'Calculates what every creator earned and what the platform keeps as its fee.'],
  lapse: ['Use it or lose it', 'Unallocated money becomes revenue; what Storage holds beyond what is owed goes back.'],
  fund: ['Fund', 'Brings Storage to what is owed and waits until it is available there.'],
  approve: ['Approve', 'Shows every payout; the approval is bound to exactly this plan.'],
  pay: ['Pay', 'Pays creators out of Storage, each payout with its own record and status.'],
  reconcile: ['Reconcile', 'Compares every line at Stripe with our entries.'],
  close: ['Close', 'Storage holds what is still owed, by name. Signs the figures and opens the next month.'],
};
