import { createRequire } from 'node:module';

/** The three calls of keytar that are used. */
export interface KeychainBinding {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/**
 * Loads keytar when the keychain is first asked for and not with the app: on a machine without libsecret it throws, and
 * Coffer still has to start and say so.
 */
export function loadKeytar(): KeychainBinding {
  return createRequire(import.meta.url)('keytar');
}
