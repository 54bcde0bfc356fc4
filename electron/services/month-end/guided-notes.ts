/** What Coffer saw of a transfer that a person was asked to make and that is not made yet, and what to do about it. */
import type { GuidedTask } from '../../../shared/contract/month-end';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import type { GuidedSighting } from '../../rails/segregation-rail';
import type { WaitingGuided } from '../stripe-storage-balance';

type Note = GuidedTask['seen'][number];

export function guidedNotes(intent: Pick<WaitingGuided, 'amount' | 'currency' | 'seen'>): Note[] {
  const total = intent.seen
    .filter((one) => one.kind === 'part' || one.kind === 'too-much')
    .reduce((sum, one) => sum + one.amount, 0n);
  return intent.seen.map((one) => ({
    what: `Stripe shows a transfer of ${text(one.amount, one.currency)} at ${one.at.toISOString().slice(0, 16).replace('T', ' ')} UTC (${one.stripeObject}).`,
    todo: todoOf(one, intent, total),
  }));
}

function todoOf(one: GuidedSighting, intent: Pick<WaitingGuided, 'amount' | 'currency'>, total: bigint): string {
  const asked = text(intent.amount, intent.currency);
  switch (one.kind) {
    case 'part':
      return `That is less than the ${asked} asked for. Transfer the remaining ${text(intent.amount - total, intent.currency)} in the same way; Coffer counts the parts together.`;
    case 'too-much':
      return `That is ${text(total - intent.amount, intent.currency)} more than the ${asked} asked for. Transfer what is too much back, from the Payments balance to the financial account, run the step again, and explain both transfers under Reconciliation.`;
    case 'again':
      return 'The transfer was made twice. Transfer the second back, from the Payments balance to the financial account, and explain both under Reconciliation.';
    case 'other-currency':
      return `The currency is not the one asked for, ${asked}. Transfer it back, from the Payments balance to the financial account, make the transfer in the right currency, and explain the other two under Reconciliation.`;
    case 'before-asked':
      return `It was made before Coffer asked for ${asked}, so the balance it read did not hold that money any more. If it was meant for this step, run the step again before you transfer anything.`;
    case 'one-sided':
      return 'It left Storage, but nothing came into Payments: it may have gone to a bank account. Look at it in the Stripe dashboard before you transfer anything.';
  }
}

function text(amount: bigint, code: string): string {
  return amountText(amount, toCurrency(code));
}
