/**
 * The close binder: a zip with the exports, the signed checkpoint of the audit log, the migration certificate if there is one, a
 * verifier that runs with nothing but Node, and a signed manifest. Deterministic: the same state gives the same bytes.
 * Source of its form: docs/exports.md, "The close binder".
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { strToU8, zipSync } from 'fflate';
import { CofferError } from '../../shared/domain/coffer-error';
import { feeRuleBps } from '../../shared/money/fee';
import { period as toPeriod } from '../../shared/period/period';
import { nameKey } from '../journal/audit-checkpoint';
import type { Store } from '../store/store';
import { checkpointNow, checkpointText, verifyAuditLog } from './audit-checkpoints';
import type { ServiceContext } from './context';
import { makeExports } from './exports/make-exports';
import { writeWhole } from './exports/write-files';
import { migrationCertificate } from './migration/view';
import { readRun } from './month-end/run';
import { monthProof } from './reconciliation';
import { readSettings } from './settings';
import type { BinderContent, BinderFiles, BinderOrder } from './worker/store-jobs';
import { workerOf } from './worker/store-worker';

/** Zip has no time zone and begins in 1980; every entry has this time, so that the bytes depend on the content only. */
const ENTRY_TIME = new Date(1980, 0, 1, 0, 0, 0);

/** Digits of a line's hash: enough to name the line that was changed; the file's own hash is the proof. */
const LINE_DIGITS = 8;

type Files = ReadonlyMap<string, string | Uint8Array>;

/** Builds the binder of a closed period. `verifier` is the text of the stand-alone program. */
export async function makeBinder(context: ServiceContext, period: string, verifier: string): Promise<BinderContent> {
  const run = await readRun(context.store.db, toPeriod(period));
  if (run?.state !== 'closed') {
    throw new CofferError(
      'not-closed',
      `${period} is not closed; a binder is made of a closed month.`,
      'Finish its month end first.',
    );
  }
  const { verdict, lapsed } = await verifyAuditLog(context);
  if (!verdict.ok) {
    throw new CofferError(
      'audit-broken',
      `The audit log does not verify. ${verdict.problem ?? ''}`,
      'Restore a backup and ask for help.',
    );
  }
  if (lapsed.includes(period)) {
    throw new CofferError(
      'sign-off-lapsed',
      `The figures of ${period} are not those that were signed at its close.`,
      'The sign-off has lapsed. Find out what changed them, restore a backup, or reopen the month and close it again.',
    );
  }
  const order = { period, mode: context.mode, verifier, signed: await checkpointNow(context) };
  const worker = await workerOf(context.store);
  const { files, manifestHash } = await (worker === null
    ? binderFiles(context.store, order)
    : worker.run('binder-files', order));
  const signature = await signManifest(context, manifestHash);
  // The key was not named in the log yet; now it is, and the log is part of the binder.
  if (signature === null) return makeBinder(context, period, verifier);
  return worker === null ? zipBinder(files, signature) : worker.runWithout('zip-binder', { files, signature });
}

/** The zip of a binder's files with its signature. */
export function zipBinder(files: BinderFiles['files'], signature: string): BinderContent {
  const entries = Object.fromEntries(
    [...files, ['signature.json', strToU8(signature)] as const].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const zip = zipSync(entries, { level: 6, mtime: ENTRY_TIME });
  return { zip, sha256: createHash('sha256').update(zip).digest('hex') };
}

/** Everything in a binder but the signature over its manifest. */
export async function binderFiles(store: Store, order: BinderOrder): Promise<BinderFiles> {
  const { db } = store;
  const { period, signed } = order;
  const files = new Map<string, string | Uint8Array>();
  for (const file of await makeExports(db, period)) files.set(file.name, file.content);
  const certificate = await migrationCertificate({ store });
  if (certificate !== null) {
    const { certificateFiles } = await import('./certificate-pdf');
    for (const file of await certificateFiles(certificate)) files.set(file.name, file.content);
  }
  files.set('checkpoint.json', checkpointText(signed));
  files.set('lines.txt', lineHashes(files));
  files.set('verify-binder.mjs', order.verifier);
  const run = await readRun(db, toPeriod(period));
  const settings = await readSettings(db);
  const earned = await db
    .selectFrom('earning')
    .select('fee_rule')
    .where('period', '=', period)
    .limit(1)
    .executeTakeFirst();
  const manifest = {
    format: 'coffer-binder-v1',
    period,
    mode: order.mode,
    version: run?.version,
    closedBy: run?.closedBy,
    closedAt: run?.closedAt,
    approvedBy: run?.approvedBy,
    planHash: run?.planHash,
    // The rule the month was calculated with, not the one of now.
    feeBps: earned === undefined ? settings.feeBps : feeRuleBps(earned.fee_rule),
    fundingBasis: settings.fundingBasis,
    rail: settings.rail,
    auditEvents: Number(signed.seq),
    auditHead: signed.head,
    reconciliation: (await monthProof(db, period)).map((one) => ({
      ...one,
      opening: String(one.opening),
      lines: String(one.lines),
      other: String(one.other),
      closing: String(one.closing),
    })),
    files: Object.fromEntries(
      [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, content]) => [name, sha256(content)]),
    ),
  };
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  files.set('manifest.json', text);
  return {
    files: new Map(
      [...files].map(([name, content]) => [name, typeof content === 'string' ? strToU8(content) : content]),
    ),
    manifestHash: sha256(text),
  };
}

/** `FILE:LINE HASH` for each line of each text file, so that a verifier can say which line is another one. */
function lineHashes(files: Files): string {
  let out = '';
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (typeof content !== 'string') continue;
    out += content
      .split('\n')
      .map((line, index) => `${name}:${index + 1} ${sha256(line).slice(0, LINE_DIGITS)}\n`)
      .join('');
  }
  return out;
}

/**
 * The signature over a manifest, kept so that the same manifest has the same one. Null when the signing key had to be named in the
 * log first, which makes another manifest.
 */
async function signManifest(context: ServiceContext, manifestHash: string): Promise<string | null> {
  const { store } = context;
  const kept = await store.db
    .selectFrom('binder_signature')
    .selectAll()
    .where('manifest_hash', '=', manifestHash)
    .executeTakeFirst();
  if (kept !== undefined) return signatureText(manifestHash, kept.public_key, kept.signature);
  const signer = await context.signer();
  return store.transaction(async (tx) => {
    if (await nameKey(tx, context, signer)) return null;
    const signature = signer.sign(`coffer-binder-v1\n${manifestHash}`);
    await tx
      .insertInto('binder_signature')
      .values({ manifest_hash: manifestHash, public_key: signer.publicKey, signature })
      .execute();
    return signatureText(manifestHash, signer.publicKey, signature);
  });
}

function signatureText(manifestHash: string, publicKey: string, signature: string): string {
  return `${JSON.stringify({ format: 'coffer-binder-v1', manifest: manifestHash, publicKey, signature }, null, 1)}\n`;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Writes the binder to `path`, whole or not at all. Returns its SHA-256. */
export async function writeBinder(
  context: ServiceContext,
  period: string,
  path: string,
  verifierPath: string,
): Promise<string> {
  const { zip, sha256: hash } = await makeBinder(context, period, await readFile(verifierPath, 'utf8'));
  await writeWhole(path, zip);
  return hash;
}
