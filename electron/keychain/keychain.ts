/** The operating system's keychain. Never a file, never plain text, never a weaker substitute. */
import { randomUUID } from 'node:crypto';
import type { KeychainView, Mode } from '../../shared/contract';
import { CofferError } from '../../shared/domain/coffer-error';
import { locked, notAnswering, notLoadable, ready, stateOf } from './keychain-state';
import type { KeychainBinding } from './keytar-binding';

/** Each mode has entries of its own; `app` is for what belongs to the person and to no mode. */
export type KeychainScope = Mode | 'app';

export interface Keychain {
  /** The present state; looks again unless it was ready the last time. Never throws, ends within the time limit. */
  status(): Promise<KeychainView>;
  /** Null when there is no such entry. Throws a `CofferError` when the keychain is not ready. */
  get(mode: KeychainScope, name: string): Promise<string | null>;
  /** Throws a `CofferError` when the keychain is not ready; then nothing was saved. */
  set(mode: KeychainScope, name: string, value: string): Promise<void>;
  remove(mode: KeychainScope, name: string): Promise<void>;
  /** A call is still in the keychain's hands: the process cannot end by itself until it answers. */
  isBlocked(): boolean;
}

export interface KeychainOptions {
  readonly load: () => KeychainBinding;
  /** Service names are `<prefix> (sandbox|test|live)`. */
  readonly servicePrefix?: string;
  readonly platform?: NodeJS.Platform;
  /** A locked keyring may wait for its password prompt forever. */
  readonly limitMs?: number;
  /** The cause of a state, for the log; it never holds a secret. */
  readonly note?: (text: string, error?: unknown) => void;
}

class NoAnswer extends Error {}

export function createKeychain({
  load,
  servicePrefix = 'Coffer',
  platform = process.platform,
  limitMs = 4_000,
  note = () => undefined,
}: KeychainOptions): Keychain {
  let binding: KeychainBinding | undefined;
  let state: KeychainView | undefined;
  let probing: Promise<KeychainView> | undefined;
  /** Calls that nobody waits for any more. While there is one, no other is made: each holds a thread of the process. */
  let abandoned = 0;

  const serviceOf = (mode: KeychainScope) => `${servicePrefix} (${mode})`;

  async function within<T>(call: Promise<T>, undoLate?: () => Promise<unknown>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new NoAnswer('no answer in time')), limitMs);
    });
    try {
      return await Promise.race([call, limit]);
    } catch (error) {
      if (error instanceof NoAnswer) {
        abandoned += 1;
        const settle = () => {
          abandoned -= 1;
        };
        call.then(() => undoLate?.()).then(settle, settle);
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  function failed(error: unknown): KeychainView {
    note('keychain', error);
    return error instanceof NoAnswer ? locked(platform) : stateOf(error, platform);
  }

  /** Writes, reads and deletes an entry of its own: a keychain that only half works must not get a key. */
  async function probe(): Promise<KeychainView> {
    if (abandoned > 0) return locked(platform);
    let keytar: KeychainBinding;
    try {
      keytar = binding ??= load();
    } catch (error) {
      note('keychain: its native part cannot be loaded', error);
      return notLoadable(platform);
    }
    const service = `${servicePrefix} (check)`;
    const account = `canary-${randomUUID()}`;
    const value = randomUUID();
    try {
      await within(keytar.setPassword(service, account, value), () => keytar.deletePassword(service, account));
      const read = await within(keytar.getPassword(service, account));
      const deleted = await within(keytar.deletePassword(service, account));
      if (read === value && deleted) return ready;
      note('keychain: the canary did not come back as it was written');
      return notAnswering(platform);
    } catch (error) {
      return failed(error);
    }
  }

  async function status(): Promise<KeychainView> {
    if (state?.state === 'ready') return state;
    probing ??= probe().finally(() => {
      probing = undefined;
    });
    state = await probing;
    return state;
  }

  async function withKeychain<T>(
    call: (keytar: KeychainBinding) => Promise<T>,
    undoLate?: (keytar: KeychainBinding) => Promise<unknown>,
  ): Promise<T> {
    const view = await status();
    if (view.state !== 'ready' || !binding) throw notReady(view);
    const keytar = binding;
    try {
      return await within(call(keytar), undoLate && (() => undoLate(keytar)));
    } catch (error) {
      state = failed(error);
      throw notReady(state);
    }
  }

  return {
    status,
    get: (mode, name) => withKeychain((keytar) => keytar.getPassword(serviceOf(mode), name)),
    async set(mode, name, value) {
      const service = serviceOf(mode);
      // What was refused to the person must not turn up in the keychain later.
      await withKeychain(
        (keytar) => keytar.setPassword(service, name, value),
        (keytar) => keytar.deletePassword(service, name),
      );
      const read = await withKeychain((keytar) => keytar.getPassword(service, name));
      if (read !== value) throw notReady(notAnswering(platform));
    },
    async remove(mode, name) {
      await withKeychain((keytar) => keytar.deletePassword(serviceOf(mode), name));
    },
    isBlocked: () => abandoned > 0,
  };
}

export function notReady(view: KeychainView): CofferError {
  return new CofferError(`keychain-${view.state}`, view.detail, view.hint);
}
