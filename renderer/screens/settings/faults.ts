/** The failures of the sandbox, what each does and what a person sees of it. */
import type { Reply, SandboxFault } from '../../../shared/contract';

export const faults: readonly {
  readonly id: SandboxFault;
  /** What the embedded Stripe calls it. */
  readonly kind: string;
  readonly label: string;
  readonly effect: string;
  readonly see: string;
}[] = [
  {
    id: 'payout-fails',
    kind: 'payout_fail_later',
    label: 'A payout fails',
    effect: 'Stripe accepts the next payout and reports later that the bank refused it.',
    see: 'The amount stays in Storage and stays owed; the payout can be retried in a new batch.',
  },
  {
    id: 'payout-returns',
    kind: 'payout_return_later',
    label: 'A payout is returned',
    effect: 'The next payout is posted and comes back from the bank afterwards.',
    see: 'The amount is owed again; the first payout keeps its record.',
  },
  {
    id: 'connection-drops',
    kind: 'drop_after_execute',
    label: 'The connection drops',
    effect: 'Stripe carries out the next movement, and the connection breaks before the answer.',
    see: 'The outcome is unknown until Coffer has looked it up. It is never sent a second time.',
  },
  {
    id: 'stripe-error',
    kind: 'error_500_not_stored',
    label: 'Stripe has an error',
    effect: 'Stripe answers the next movement with an error of its own and carries nothing out.',
    see: 'Coffer cannot know that: the outcome is unknown until it has looked at Stripe; then it sends the same movement again.',
  },
  {
    id: 'rate-limit',
    kind: 'rate_limit_429',
    label: 'Too many requests',
    effect: 'Stripe says “too many requests” before doing anything.',
    see: 'Coffer waits and sends the same movement again; it only takes longer.',
  },
  {
    id: 'stripe-down',
    kind: 'drop_before_execute',
    label: 'Stripe cannot be reached',
    effect: 'The next calls get no answer at all.',
    see: 'The figures are of the last reading and say so; nothing can be sent, past months still work.',
  },
];

/** An arranged fault in the words of the list above. */
export function faultLabel(fault: Reply<'sandbox.status'>['faults'][number]): string {
  return (
    faults.find((one) => one.kind === fault.kind || one.id === fault.kind)?.label ??
    fault.kind.replaceAll(/[_-]+/g, ' ')
  );
}
