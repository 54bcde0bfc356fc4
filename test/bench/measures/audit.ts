/** Verifying the audit log, against `createHash` alone over the same bytes. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { verifyChain } from '../../../electron/journal/audit-chain';
import { auditHash, GENESIS, sha256 } from '../../../electron/store/audit-hash';
import { openStore, type Store } from '../../../electron/store/store';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { bestOfBoth, compared, inFolder, type Measure, type Sizes } from '../harness';

const EVENTS = 1_000_000;
/** What the plain hashing goes over again and again: more would only be memory. */
const HELD = 20_000;

export const audit: Measure = {
  name: 'audit',
  aims: { 'audit verification': { of: 'ratio', most: 2 } },
  held: true,
  run: ({ scale }: Sizes) =>
    inFolder(async (folder) => {
      const events = Math.round(EVENTS * scale);
      const store = openStore(path.join(folder, 'coffer.db'));
      const texts = writeEvents(store, events);
      const verify = async () => {
        const verdict = await verifyChain(store.db);
        if (!verdict.ok || verdict.events !== events) throw new Error('The chain does not hold');
      };
      const bare = () => {
        for (let done = 0; done < events; done += HELD) {
          for (const text of texts) createHash('sha256').update(text, 'utf8').digest('hex');
        }
      };
      const best = await bestOfBoth(3, verify, bare);
      await store.close();
      return [
        compared(
          'audit verification',
          best.ours / 1_000,
          's',
          'createHash over the same bytes',
          best.reference / 1_000,
          best.steady,
        ),
      ];
    }),
};

/** Events as payouts leave them. Returns what is hashed for the first of them: payload and event, in turn. */
function writeEvents(store: Store, events: number): string[] {
  const insert = store.prepare('INSERT INTO audit_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const texts: string[] = [];
  let prev = GENESIS;
  store.exec('BEGIN');
  for (let index = 1; index <= events; index += 1) {
    const payload = canonicalJson({
      attempt: 1,
      code: null,
      message: null,
      requestId: `req_${String(index).padStart(14, '0')}`,
      stripeObject: `obp_test_${String(index).padStart(16, '0')}`,
    });
    const event = {
      seq: BigInt(index),
      at: new Date(1_793_600_000_000 + index).toISOString(),
      actor: 'Mara Lindqvist',
      action: 'intent.posted',
      subject: `5f0c7a52-1d0b-4c1e-9d3f-${String(index).padStart(12, '0')}`,
      payload_hash: sha256(payload),
      prev_hash: prev,
    };
    const hash = auditHash(event);
    if (index <= Math.min(HELD, events)) {
      const { action, actor, at, payload_hash: payloadHash, subject } = event;
      const canonical = canonicalJson({ action, actor, at, payloadHash, subject });
      texts.push(payload, `coffer-audit-v1\n${event.seq}\n${prev}\n${canonical}`);
    }
    insert.run(event.seq, event.at, event.actor, event.action, event.subject, payload, event.payload_hash, prev, hash);
    prev = hash;
  }
  store.exec('COMMIT');
  return texts;
}
