/** Private signing keys: each its own entry in the keychain, per mode. Without a keychain, for this session only. */
import type { Mode } from '../../shared/contract';
import { CofferError } from '../../shared/domain/coffer-error';
import { createSigner, newSigningKey, type Signer } from '../journal/signing';
import type { SecretStore } from '../keychain/secret-store';

/** Signs the head of the audit log and the binders. */
export const AUDIT_KEY = 'audit-signing-key';
/** Signs requests for approval and approvals: it stands for the operator of this machine. */
export const OPERATOR_KEY = 'operator-signing-key';

/**
 * One signer for as long as it is asked here; the key is made when there is none. `announce` is told of a new key before it is
 * kept: a key in the keychain that the log does not name would look like a log that was replaced.
 */
export function signerFrom(
  secrets: SecretStore,
  mode: Mode,
  name: string,
  announce: (signer: Signer) => Promise<void> = async () => {},
): () => Promise<Signer> {
  let signer: Promise<Signer> | undefined;
  return () => {
    signer ??= load(secrets, mode, name, announce);
    signer.catch(() => {
      signer = undefined;
    });
    return signer;
  };
}

async function load(
  secrets: SecretStore,
  mode: Mode,
  name: string,
  announce: (signer: Signer) => Promise<void>,
): Promise<Signer> {
  try {
    const known = await secrets.secret(mode, name);
    if (known !== null) return createSigner(known.value, known.storage);
    await secrets.assertCanSave();
    const made = newSigningKey();
    const signer = createSigner(made, 'keychain');
    await announce(signer);
    await secrets.saveSecret(mode, name, made, false);
    return signer;
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
    const made = newSigningKey();
    await secrets.saveSecret(mode, name, made, true);
    return createSigner(made, 'session');
  }
}
