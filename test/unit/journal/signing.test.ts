/** Rule: a signature is valid for one text and one key alone; what is not a key or a signature is not valid, and no error. */
import { expect, test } from 'vitest';
import { createSigner, newSigningKey, verifySignature } from '../../../electron/journal/signing';

const signer = createSigner(newSigningKey(), 'session');
const TEXT = 'Zoë 10.00 €';
const signature = signer.sign(TEXT);

test('what was signed is valid with its key', () => {
  expect(verifySignature(signer.publicKey, TEXT, signature)).toBe(true);
});

test.each([
  ['another text', signer.publicKey, 'Zoe 10.00 €', signature],
  ['another key', createSigner(newSigningKey(), 'session').publicKey, TEXT, signature],
  ['a key that is too short', 'AAAA', TEXT, signature],
  ['no key', '', TEXT, signature],
  ['a signature that is too short', signer.publicKey, TEXT, 'AAAA'],
  ['no signature', signer.publicKey, TEXT, ''],
])('%s is not', (_, publicKey, text, signed) => {
  expect(verifySignature(publicKey, text, signed)).toBe(false);
});
