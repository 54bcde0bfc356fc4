import { z } from 'zod';
import { mode } from './app';
import { channel, done, instant, nothing } from './channel';
import { railName } from './settings';

export const keyView = z.strictObject({
  mode,
  kind: z.enum(['restricted', 'secret']),
  /** The last four characters; the key itself never leaves the main process. */
  last4: z.string().max(4),
  storage: z.enum(['keychain', 'session']),
  storedAt: instant.nullable(),
});
export type KeyView = z.infer<typeof keyView>;

export const keychainView = z.strictObject({
  state: z.enum(['ready', 'locked', 'unavailable']),
  detail: z.string(),
  hint: z.string(),
});
export type KeychainView = z.infer<typeof keychainView>;

export const permissionView = z.strictObject({
  kind: z.enum(['read', 'write']),
  /** As the Stripe dashboard names it, for example "Payouts (write)". */
  resource: z.string(),
  access: z.enum(['granted', 'refused', 'not-tested']),
  /** Completes "Coffer can …". */
  does: z.string(),
  /** What the answer means, as a sentence. */
  meaning: z.string(),
});
export type PermissionView = z.infer<typeof permissionView>;

export const connectionReport = z.strictObject({
  ok: z.boolean(),
  mode,
  account: z.string().nullable(),
  accountName: z.string().nullable(),
  /** The only open account for storage; null when there is none, or several. */
  storageAccount: z.string().nullable(),
  openStorageAccounts: z.int(),
  message: z.string(),
  hint: z.string(),
  permissions: z.array(permissionView),
});
export type ConnectionReport = z.infer<typeof connectionReport>;

export const secretsChannels = {
  'secrets.status': channel(nothing, z.strictObject({ keychain: keychainView, keys: z.array(keyView) })),
  /**
   * Tests the key with Stripe, for what the rail needs, and stores it only when the test passes. `sessionOnly` keeps it in
   * memory.
   */
  'secrets.set': channel(
    z.strictObject({
      key: z.string().min(1).max(300),
      sessionOnly: z.boolean(),
      /** Why a person insists on an unrestricted live key; without it such a key is refused. */
      unrestrictedReason: z.string().trim().min(10).max(300).optional(),
      rail: railName.optional(),
    }),
    z.strictObject({ stored: z.boolean(), report: connectionReport }),
  ),
  'secrets.clear': channel(z.strictObject({ mode }), done),
  'secrets.test': channel(z.strictObject({ mode, rail: railName.optional() }), connectionReport),
} as const;
