import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { auditHash, GENESIS, sha256 } from '../../electron/journal/audit-chain';
import { checkpointText } from '../../electron/journal/audit-checkpoint';
import { createSigner, fingerprint } from '../../electron/journal/signing';
import { canonicalJson } from '../../shared/domain/canonical-json';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/audit-log.md'), 'utf8');

interface Vector {
  readonly seq: bigint;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly payloadHash: string;
  readonly prev: string;
  readonly hash: string;
}

const first = 'b7e4d6b285ca8ae1f9cedd2e4b8e1693061fa974ac6cd811472d1db1a6f98586';

const vectors: readonly Vector[] = [
  {
    seq: 1n,
    at: '2026-11-01T09:00:00.000Z',
    actor: 'Mara Lindqvist',
    action: 'data.imported',
    subject: 'b3c0f9d2-5a41-4c1e-9a57-0d6f3c2b1a90',
    payload: {
      subscribers: 2,
      payments: 2,
      openings: 1,
      lateRows: 0,
      creators: 2,
      contentHash: 'ab'.repeat(32),
      allocations: 3,
    },
    payloadHash: '0e8719bc0e5a0fdd5d2cca02d55b127e60d927cffa5ee213205f52b1f5861d99',
    prev: GENESIS,
    hash: first,
  },
  {
    seq: 2n,
    at: '2026-11-01T09:05:30.250Z',
    actor: 'Zoë "Zo" Ωmega',
    action: 'month-end.locked',
    subject: '2026-10',
    payload: { version: 1, snapshotHash: null, from: 'open', amount: -1234n, absent: undefined },
    payloadHash: 'ddcb6c696348b0ed6b9df79097d76f0b3096997a5732296b9e5c2b0e5cfe26f0',
    prev: first,
    hash: '0026201e1104b695eef24536a1e1d7ff47fa178975760332b303d33647db1230',
  },
];

describe('golden vector 3: a signed checkpoint', () => {
  const block = page.split('### Vector 3')[1]?.split('```')[1] ?? '';
  const [, seed = '', publicKey, print, text = '', signature] =
    /private key[^\n]*\n(.*)\npublic key[^\n]*\n(.*)\nfingerprint\n(.*)\nsigned bytes\n([\s\S]*)\nsignature[^\n]*\n(.*)\n/.exec(
      block,
    ) ?? [];
  // PKCS #8 of an Ed25519 key: a fixed head and the 32 bytes.
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]);
  const signer = createSigner(pkcs8.toString('base64'), 'session');

  test('key, fingerprint and signature are those on the page', () => {
    expect(signer.publicKey).toBe(publicKey);
    expect(fingerprint(signer.publicKey)).toBe(print);
    expect(signer.sign(text)).toBe(signature);
    expect(Buffer.from(signer.publicKey, 'base64').toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
  });

  test('the signed bytes are those of the checkpoint of vector 2', () => {
    const [, second] = vectors;
    expect(
      checkpointText({ mode: 'sandbox', seq: String(second?.seq), head: second?.hash ?? '', at: second?.at ?? '' }),
    ).toBe(text);
  });
});

describe.each(vectors)('golden vector $seq of the audit log', (vector) => {
  const fields = {
    seq: vector.seq,
    at: vector.at,
    actor: vector.actor,
    action: vector.action,
    subject: vector.subject,
    payload_hash: vector.payloadHash,
    prev_hash: vector.prev,
  };

  test('the payload hashes by its canonical JSON', () => {
    expect(sha256(canonicalJson(vector.payload))).toBe(vector.payloadHash);
  });

  test('the event hashes to what is documented', () => {
    expect(auditHash(fields)).toBe(vector.hash);
  });

  test('the bytes on the page, hashed as they stand there, give the hash on the page', () => {
    const block = page.split(`### Vector ${vector.seq}`)[1]?.split('```')[1] ?? '';
    const [, payload, payloadHash, bytes, hash] =
      /payload\n(.*)\npayload hash\n(.*)\nhashed bytes\n([\s\S]*)\nhash\n(.*)\n/.exec(block) ?? [];
    expect(payload).toBe(canonicalJson(vector.payload));
    expect(payloadHash).toBe(vector.payloadHash);
    expect(hash).toBe(vector.hash);
    expect(sha256(bytes ?? '')).toBe(vector.hash);
  });

  test.each([
    ['the sequence', { seq: vector.seq + 1n }],
    ['the time', { at: '2026-11-01T09:00:00.001Z' }],
    ['the actor', { actor: 'Somebody else' }],
    ['the action', { action: 'data.changed' }],
    ['the subject', { subject: '2026-11' }],
    ['the content', { payload_hash: sha256('{}') }],
    ['the event before', { prev_hash: sha256('another') }],
  ])('%s is part of the hash', (_, change) => {
    expect(auditHash({ ...fields, ...change })).not.toBe(vector.hash);
  });
});
