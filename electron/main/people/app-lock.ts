/**
 * The lock of the app: after idle time, on suspend and on the screen lock of the system, and at start. While it is locked no service
 * answers. Payouts in live mode ask for the passphrase again unless it was given within the last minute.
 */
import type { LockView, Role } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';
import { hashPassphrase, isPassphrase } from './passphrase';
import { suffices } from './roles';

export const FRESH_MS = 60_000;
const FREE_TRIES = 5;
const LONGEST_WAIT_MS = 5 * 60_000;

export interface LockParts {
  /** The kept hash; throws a `CofferError` when the keychain is not ready. */
  readonly read: () => Promise<string | null>;
  readonly write: (hash: string) => Promise<void>;
  readonly canKeep: () => Promise<boolean>;
  /** What is known without the keychain. */
  readonly state: () => { readonly role: Role; readonly hasPassphrase: boolean };
  readonly remember: (change: { role?: Role; hasPassphrase?: boolean }) => Promise<void>;
  readonly now: () => number;
  readonly changed: (view: LockView) => void;
}

export interface AppLock {
  status(): Promise<LockView>;
  setPassphrase(next: string, current: string | undefined): Promise<LockView>;
  unlock(passphrase: string): Promise<LockView>;
  /** Does nothing while there is no passphrase. */
  lock(): Promise<LockView>;
  setRole(role: Role, passphrase: string | undefined): Promise<LockView>;
  isLocked(): boolean;
  /** Throws while the app is locked. */
  requireUnlocked(): void;
  /** Throws unless the passphrase was given within the last minute. */
  requireFresh(): void;
  role(): Role;
}

export function createAppLock(parts: LockParts): AppLock {
  let locked = parts.state().hasPassphrase;
  let authenticatedAt = Number.NEGATIVE_INFINITY;
  let wrong = 0;
  let waitUntil = 0;

  async function status(): Promise<LockView> {
    const { role, hasPassphrase } = parts.state();
    return { locked, hasPassphrase, role, canKeep: await parts.canKeep() };
  }

  async function told(): Promise<LockView> {
    const view = await status();
    parts.changed(view);
    return view;
  }

  async function authenticate(passphrase: string): Promise<void> {
    const wait = waitUntil - parts.now();
    if (wait > 0) {
      throw new CofferError(
        'too-many-tries',
        `Too many wrong passphrases. Wait ${Math.ceil(wait / 1000)} seconds.`,
        'Then try again.',
      );
    }
    const kept = await parts.read();
    if (kept === null) {
      throw new CofferError(
        'passphrase-gone',
        'The passphrase is no longer in the keychain of this computer.',
        'Unlock the keychain, or restore its entry “app-passphrase”.',
      );
    }
    if (await isPassphrase(passphrase, kept)) {
      wrong = 0;
      authenticatedAt = parts.now();
      return;
    }
    wrong += 1;
    if (wrong >= FREE_TRIES) waitUntil = parts.now() + Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** (wrong - FREE_TRIES));
    throw new CofferError('passphrase-wrong', 'This is not the passphrase.', 'Try again.');
  }

  return {
    status,
    async setPassphrase(next, current) {
      if (parts.state().hasPassphrase) await authenticate(current ?? '');
      await parts.write(await hashPassphrase(next));
      await parts.remember({ hasPassphrase: true });
      authenticatedAt = parts.now();
      return told();
    },
    async unlock(passphrase) {
      if (!parts.state().hasPassphrase) throw noPassphrase();
      await authenticate(passphrase);
      locked = false;
      return told();
    },
    async lock() {
      if (!parts.state().hasPassphrase) return status();
      locked = true;
      authenticatedAt = Number.NEGATIVE_INFINITY;
      return told();
    },
    async setRole(role, passphrase) {
      const { role: before, hasPassphrase } = parts.state();
      if (hasPassphrase && !suffices(before, role)) await authenticate(passphrase ?? '');
      await parts.remember({ role });
      return told();
    },
    isLocked: () => locked,
    requireUnlocked() {
      if (!locked) return;
      throw new CofferError('locked', 'Coffer is locked.', 'Give the passphrase to go on.');
    },
    requireFresh() {
      if (!parts.state().hasPassphrase) throw noPassphrase();
      if (parts.now() - authenticatedAt <= FRESH_MS) return;
      throw new CofferError(
        'authenticate',
        'Live money is moved, and its books are replaced, only by somebody who gave the passphrase within the last minute.',
        'Give the passphrase, then do it again.',
      );
    },
    role: () => parts.state().role,
  };
}

function noPassphrase(): CofferError {
  return new CofferError(
    'passphrase-needed',
    'There is no passphrase yet; live money is moved, and its books are replaced, only with one.',
    'Set one under Settings → Operator.',
  );
}
