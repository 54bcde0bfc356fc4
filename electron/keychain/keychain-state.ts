/** What the operating system's keychain answered, in words a person can act on. */
import type { KeychainView } from '../../shared/contract';

type Platform = NodeJS.Platform;

export const ready: KeychainView = {
  state: 'ready',
  detail: 'Keys are kept in the keychain of this computer.',
  hint: '',
};

const sessionOffer = 'Until then you can use a key for this session only; it is forgotten when Coffer quits.';

export function locked(platform: Platform): KeychainView {
  const how: Partial<Record<Platform, string>> = {
    darwin: 'Open Keychain Access and unlock the “login” keychain, then check again.',
    win32: 'Sign in to Windows again, then check again.',
    linux:
      'Unlock your keyring: answer its password prompt, or open “Passwords and Keys” (Seahorse) or KWallet, then check again.',
  };
  return {
    state: 'locked',
    detail: 'The keychain of this computer is locked or waits for its password.',
    hint: `${how[platform] ?? 'Unlock the keychain, then check again.'} ${sessionOffer}`,
  };
}

/** The native part could not be loaded. */
export function notLoadable(platform: Platform): KeychainView {
  const how =
    platform === 'linux'
      ? 'Install libsecret and a keyring (on Debian and Ubuntu: libsecret-1-0 and gnome-keyring), then restart Coffer.'
      : 'Install Coffer again.';
  return {
    state: 'unavailable',
    detail: 'Coffer found no way to the keychain of this computer.',
    hint: `${how} ${sessionOffer}`,
  };
}

export function notAnswering(platform: Platform): KeychainView {
  const how =
    platform === 'linux'
      ? 'Install and start a keyring (gnome-keyring or KWallet), and sign in to a desktop session, then check again.'
      : 'Restart the computer, then check again.';
  return {
    state: 'unavailable',
    detail: 'The keychain of this computer does not work for Coffer.',
    hint: `${how} ${sessionOffer}`,
  };
}

/** Secret Service, macOS and Windows each say it in their own way; keytar passes only the text on. */
const lockedText =
  /locked|prompt|dismiss|interaction is not allowed|user canceled|passphrase you entered|not logged in/i;

export function stateOf(error: unknown, platform: Platform): KeychainView {
  const text = error instanceof Error ? error.message : String(error);
  return lockedText.test(text) ? locked(platform) : notAnswering(platform);
}
