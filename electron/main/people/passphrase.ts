/** The passphrase of the app's lock, as it is kept: never itself, only what scrypt makes of it with a salt. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const COST = 2 ** 15;
const BYTES = 32;

function derived(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase.normalize('NFKC'),
      salt,
      BYTES,
      { N: COST, r: 8, p: 1, maxmem: 64 * 1024 * 1024 },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    );
  });
}

export async function hashPassphrase(passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt-${COST}$${salt.toString('base64')}$${(await derived(passphrase, salt)).toString('base64')}`;
}

export async function isPassphrase(passphrase: string, kept: string): Promise<boolean> {
  const [kind, salt = '', hash = ''] = kept.split('$');
  if (kind !== `scrypt-${COST}`) return false;
  const expected = Buffer.from(hash, 'base64');
  const found = await derived(passphrase, Buffer.from(salt, 'base64'));
  return expected.length === found.length && timingSafeEqual(expected, found);
}
