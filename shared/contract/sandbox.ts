import { z } from 'zod';
import { channel, currencyCode, done, id, minor, nothing } from './channel';

/** Failures on demand, sandbox only: what the next matching call to the embedded Stripe does. */
export const sandboxFault = z.enum([
  'payout-fails',
  'payout-returns',
  'connection-drops',
  'stripe-error',
  'rate-limit',
  'stripe-down',
]);
export type SandboxFault = z.infer<typeof sandboxFault>;

export const sandboxStatus = z.strictObject({
  available: z.boolean(),
  url: z.string(),
  now: z.string(),
  faults: z.array(z.strictObject({ kind: z.string(), detail: z.string() })),
});

export const sandboxChannels = {
  'sandbox.status': channel(nothing, sandboxStatus),
  'sandbox.fault': channel(z.strictObject({ fault: sandboxFault, times: z.int().min(1).max(100) }), sandboxStatus),
  'sandbox.clearFaults': channel(nothing, sandboxStatus),
  /** The embedded Stripe plays the person in the dashboard for one guided movement. */
  'sandbox.performGuided': channel(z.strictObject({ intentId: id }), done),
  /** Money moved by someone outside Coffer, to see the alert. */
  'sandbox.outsideMove': channel(z.strictObject({ currency: currencyCode, amount: minor }), done),
} as const;
