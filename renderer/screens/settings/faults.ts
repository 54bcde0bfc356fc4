/** The failures of the sandbox, what each does and what a person sees of it. */
import type { Reply, SandboxFault } from '../../../shared/contract';

export const faults: readonly {
  readonly id: SandboxFault;
  readonly label: string;
  readonly effect: string;
  readonly see: string;
}[] = [
  {
    id: 'payout-fails',
    label: 'A payout fails',
    effect: 'Stripe accepts the next payout and reports later that the bank refused it.',
    see: 'The amount stays in Storage and stays owed; the payout can be retried in a new batch.',
  },
  {
    id: 'payout-returns',
    label: 'A payout is returned',
    effect: 'The next payout is posted and comes back from the bank afterwards.',
    see: 'The amount is owed again; the first payout keeps its record.',
  },
  {
    id: 'connection-drops',
    label: 'The connection drops',
    effect: 'Stripe carries out the next movement, and the connection breaks before the answer.',
    see: 'The outcome is unknown until Coffer has looked it up. It is never sent a second time.',
  },
  {
    id: 'stripe-error',
    label: 'Stripe has an error',
    effect: 'Stripe answers the next movement with an error of its own.',
    see: 'The outcome is unknown, because the movement may have been carried out; Coffer looks it up.',
  },
  {
    id: 'rate-limit',
    label: 'Too many requests',
    effect: 'Stripe says “too many requests” before doing anything.',
    see: 'Coffer waits and sends the same movement again; it only takes longer.',
  },
  {
    id: 'stripe-down',
    label: 'Stripe cannot be reached',
    effect: 'No answer comes from Stripe at all.',
    see: 'The figures are of the last reading and say so; nothing can be sent, past months still work.',
  },
];

/** An arranged fault in the words of the list above. */
export function faultLabel(fault: Reply<'sandbox.status'>['faults'][number]): string {
  return faults.find((one) => one.id === fault.kind)?.label ?? fault.kind.replaceAll(/[_-]+/g, ' ');
}
