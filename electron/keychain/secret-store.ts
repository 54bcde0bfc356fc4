/** The secrets of each mode: the Stripe key, and named ones such as the key that signs the audit log. */
import { z } from 'zod';
import type { KeychainView, KeyView, Mode } from '../../shared/contract';
import { instant } from '../../shared/contract';
import { CofferError } from '../../shared/domain/coffer-error';
import { type Keychain, type KeychainScope, notReady } from './keychain';
import type { StripeKey } from './stripe-key';

const stripeKeyName = 'stripe-key';
const namePattern = /^[a-z][a-z0-9-]{0,40}$/;

/** What is known about a stored key without opening the keychain. */
export const keyNotes = z.partialRecord(
  z.enum(['sandbox', 'test', 'live']),
  z.strictObject({ kind: z.enum(['restricted', 'secret']), last4: z.string().max(4), storedAt: instant }),
);
export type KeyNotes = z.infer<typeof keyNotes>;

/** Where the notes are kept; a small JSON file. */
export interface KeyNotesFile {
  read(): Promise<KeyNotes | null>;
  write(notes: KeyNotes): Promise<void>;
}

export interface NamedSecret {
  readonly value: string;
  readonly storage: 'keychain' | 'session';
}

export interface SecretStore {
  status(): Promise<{ keychain: KeychainView; keys: KeyView[] }>;
  /** Null when there is none, the keychain is not ready, or the mode's keys are refused on this runtime. */
  stripeKey(mode: Mode): Promise<string | null>;
  /** Throws a `CofferError` when the keychain is not ready and `sessionOnly` is false; then nothing was kept. */
  setStripeKey(key: StripeKey, sessionOnly: boolean): Promise<void>;
  clearStripeKey(mode: Mode): Promise<void>;
  /** A named secret, and where it is kept. Null when there is none; throws a `CofferError` when the keychain is not ready. */
  secret(mode: KeychainScope, name: string): Promise<NamedSecret | null>;
  saveSecret(mode: KeychainScope, name: string, value: string, sessionOnly: boolean): Promise<void>;
  removeSecret(mode: KeychainScope, name: string): Promise<void>;
  /** Throws the `CofferError` that says why nothing can be saved now. */
  assertCanSave(): Promise<void>;
}

export interface SecretStoreOptions {
  readonly keychain: Keychain;
  readonly notes: KeyNotesFile;
  readonly now: () => Date;
  /** Throws a `CofferError` on a runtime that may not hold a live key. */
  readonly refuseLive: () => void;
  readonly changed?: (mode: Mode) => void;
}

export function createSecretStore({ keychain, notes, now, refuseLive, changed }: SecretStoreOptions): SecretStore {
  /** Secrets for this session only, in the memory of the main process. */
  const session = new Map<string, string>();
  const sessionKeys = new Map<Mode, StripeKey>();

  function assertName(name: string): void {
    if (!namePattern.test(name) || name === stripeKeyName) throw new Error(`not a name for a secret: ${name}`);
  }

  function allowed(mode: Mode): boolean {
    if (mode !== 'live') return true;
    try {
      refuseLive();
      return true;
    } catch (error) {
      if (error instanceof CofferError) return false;
      throw error;
    }
  }

  async function changeNotes(change: (before: KeyNotes) => KeyNotes): Promise<void> {
    await notes.write(change((await notes.read()) ?? {}));
  }

  async function isGone(mode: Mode): Promise<boolean> {
    try {
      return (await keychain.get(mode, stripeKeyName)) === null;
    } catch (error) {
      if (error instanceof CofferError) return false;
      throw error;
    }
  }

  async function storedKeys(state: KeychainView['state']): Promise<KeyView[]> {
    const known = (await notes.read()) ?? {};
    const keys: KeyView[] = [];
    for (const mode of ['test', 'live'] as const) {
      const kept = sessionKeys.get(mode);
      if (kept) {
        keys.push({ mode, kind: kept.kind, last4: kept.last4, storage: 'session', storedAt: null });
        continue;
      }
      const note = known[mode];
      if (!note) continue;
      // Somebody may have removed the entry with the system's own keychain program.
      if (state === 'ready' && (await isGone(mode))) continue;
      keys.push({ mode, ...note, storage: 'keychain' });
    }
    return keys;
  }

  return {
    async status() {
      const view = await keychain.status();
      return { keychain: view, keys: await storedKeys(view.state) };
    },

    async stripeKey(mode) {
      if (!allowed(mode)) return null;
      const kept = sessionKeys.get(mode);
      if (kept) return kept.key;
      const view = await keychain.status();
      return view.state === 'ready' ? keychain.get(mode, stripeKeyName) : null;
    },

    async setStripeKey(key, sessionOnly) {
      if (key.mode === 'live') refuseLive();
      if (sessionOnly) {
        sessionKeys.set(key.mode, key);
      } else {
        await keychain.set(key.mode, stripeKeyName, key.key);
        sessionKeys.delete(key.mode);
        const note = { kind: key.kind, last4: key.last4, storedAt: now().toISOString() };
        await changeNotes((before) => ({ ...before, [key.mode]: note }));
      }
      changed?.(key.mode);
    },

    async clearStripeKey(mode) {
      const stored = (await notes.read())?.[mode] !== undefined;
      sessionKeys.delete(mode);
      if (stored) {
        await keychain.remove(mode, stripeKeyName);
        await changeNotes(({ [mode]: _gone, ...rest }) => rest);
      }
      changed?.(mode);
    },

    async secret(mode, name) {
      assertName(name);
      const kept = session.get(`${mode}/${name}`);
      if (kept !== undefined) return { value: kept, storage: 'session' };
      const stored = await keychain.get(mode, name);
      return stored === null ? null : { value: stored, storage: 'keychain' };
    },

    async saveSecret(mode, name, value, sessionOnly) {
      assertName(name);
      if (sessionOnly) {
        session.set(`${mode}/${name}`, value);
        return;
      }
      await keychain.set(mode, name, value);
      session.delete(`${mode}/${name}`);
    },

    async removeSecret(mode, name) {
      assertName(name);
      session.delete(`${mode}/${name}`);
      await keychain.remove(mode, name);
    },

    async assertCanSave() {
      const view = await keychain.status();
      if (view.state !== 'ready') throw notReady(view);
    },
  };
}
