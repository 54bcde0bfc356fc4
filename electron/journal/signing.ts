/** Ed25519 signatures: of the audit log's head, of binders, of approvals. Keys and signatures are base64; private keys never leave main. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

export interface Signer {
  /** 32 bytes, base64. */
  readonly publicKey: string;
  /** Where the private key is: in the keychain of the operating system, or in memory until the program ends. */
  readonly storage: 'keychain' | 'session';
  /** Base64 of the 64 bytes. */
  readonly sign: (text: string) => string;
}

/** A new private key: base64 of PKCS #8. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}

export function createSigner(privateKey: string, storage: Signer['storage']): Signer {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  return {
    publicKey: rawPublicKey(createPublicKey(key)),
    storage,
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), key).toString('base64'),
  };
}

function rawPublicKey(key: KeyObject): string {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}

/** False also when key or signature are not well formed. */
export function verifySignature(publicKey: string, text: string, signature: string): boolean {
  try {
    const x = Buffer.from(publicKey, 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** What people compare by phone or on paper: SHA-256 of the 32 bytes, in groups of four digits. */
export function fingerprint(publicKey: string): string {
  const digest = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
  return (digest.slice(0, 32).match(/.{4}/g) ?? []).join(' ');
}
