/** Who sits at this machine, and the lock of the app. */
import { z } from 'zod';
import { channel, nothing } from './channel';

export const role = z.enum(['viewer', 'preparer', 'approver']);
export type Role = z.infer<typeof role>;

const passphrase = z.string().min(1).max(200);

export const lockView = z.strictObject({
  locked: z.boolean(),
  hasPassphrase: z.boolean(),
  role,
  /** The passphrase can be kept: the keychain is ready. */
  canKeep: z.boolean(),
});
export type LockView = z.infer<typeof lockView>;

export const lockChannels = {
  'lock.status': channel(nothing, lockView),
  'lock.setPassphrase': channel(
    z.strictObject({ current: passphrase.optional(), next: z.string().min(8).max(200) }),
    lockView,
  ),
  /** Unlocks the app; also renews the authentication that payouts in live mode ask for. */
  'lock.unlock': channel(z.strictObject({ passphrase }), lockView),
  'lock.now': channel(nothing, lockView),
  /** A role with more rights asks for the passphrase, when there is one. */
  'lock.setRole': channel(z.strictObject({ role, passphrase: passphrase.optional() }), lockView),
} as const;
