/**
 * The close binder: a zip with the exports, a manifest with the SHA-256 of each, the migration certificate if there is one, and a
 * verifier that runs with nothing but Node. Deterministic: the same state gives the same bytes.
 */
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { strToU8, zipSync } from 'fflate';
import { CofferError } from '../../shared/domain/coffer-error';
import { feeRuleBps } from '../../shared/money/fee';
import { period as toPeriod } from '../../shared/period/period';
import { verifyChain } from '../journal/audit-chain';
import type { ServiceContext } from './context';
import { makeExports } from './exports';
import { migrationCertificate } from './migration/view';
import { readRun } from './month-end/run';
import { readSettings } from './settings';

/** Zip has no time zone and begins in 1980; every entry has this time, so that the bytes depend on the content only. */
const ENTRY_TIME = new Date(1980, 0, 1, 0, 0, 0);

export interface BinderContent {
  readonly zip: Uint8Array;
  readonly sha256: string;
}

/** Builds the binder of a closed period. `verifier` is the text of the stand-alone program. */
export async function makeBinder(context: ServiceContext, period: string, verifier: string): Promise<BinderContent> {
  const { db } = context.store;
  const run = await readRun(db, toPeriod(period));
  if (run?.state !== 'closed') {
    throw new CofferError(
      'not-closed',
      `${period} is not closed; a binder is made of a closed month.`,
      'Finish its month end first.',
    );
  }
  const chain = await verifyChain(db);
  if (!chain.ok)
    throw new CofferError(
      'audit-broken',
      `The audit log does not verify at event ${chain.brokenAt}.`,
      'Restore a backup and ask for help.',
    );
  const files = new Map<string, string>();
  for (const file of await makeExports(db, period)) files.set(file.name, file.content);
  const certificate = await migrationCertificate(context);
  if (certificate !== null) files.set('certificate.json', `${JSON.stringify(certificate, null, 1)}\n`);
  files.set('verify-binder.mjs', verifier);
  const settings = await readSettings(db);
  const earned = await db
    .selectFrom('earning')
    .select('fee_rule')
    .where('period', '=', period)
    .limit(1)
    .executeTakeFirst();
  // The rule the month was calculated with, not the one of now.
  const feeBps = earned === undefined ? settings.feeBps : feeRuleBps(earned.fee_rule);
  const manifest = {
    format: 'coffer-binder-v1',
    period,
    mode: context.mode,
    version: run.version,
    closedBy: run.closedBy,
    closedAt: run.closedAt,
    approvedBy: run.approvedBy,
    planHash: run.planHash,
    feeBps,
    fundingBasis: settings.fundingBasis,
    rail: settings.rail,
    auditEvents: chain.events,
    auditHead: chain.head,
    files: Object.fromEntries(
      [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, content]) => [name, sha256(content)]),
    ),
  };
  files.set('manifest.json', `${JSON.stringify(manifest, null, 1)}\n`);
  const entries = Object.fromEntries(
    [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, content]) => [name, strToU8(content)]),
  );
  const zip = zipSync(entries, { level: 6, mtime: ENTRY_TIME });
  return { zip, sha256: createHash('sha256').update(zip).digest('hex') };
}

function sha256(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex');
}

/** Writes the binder to `path`, whole or not at all. Returns its SHA-256. */
export async function writeBinder(
  context: ServiceContext,
  period: string,
  path: string,
  verifierPath: string,
): Promise<string> {
  const { zip, sha256: hash } = await makeBinder(context, period, await readFile(verifierPath, 'utf8'));
  await writeFile(`${path}.part`, zip);
  await rename(`${path}.part`, path);
  return hash;
}
