/** Signed checkpoints of the audit log, and their copies outside of the database. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Checkpoint,
  checkpoint,
  keysInLog,
  signHead,
  storedCheckpoints,
  verifyLog,
} from '../journal/audit-checkpoint';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';
import type { ExportedFile } from './exports/write-files';
import { lapsedSignOffs } from './sign-off';
import type { AuditFindings, AuditQuestion } from './worker/store-jobs';
import { workerOf } from './worker/store-worker';

type AuditContext = Pick<
  ServiceContext,
  'store' | 'mode' | 'now' | 'actor' | 'signer' | 'checkpointFolder' | 'ownAuditKey'
>;

/** Signs the head of now and puts a copy outside of the database. Signs nothing new while the head is signed already. */
export async function checkpointNow(context: AuditContext): Promise<Checkpoint> {
  const signer = await context.signer();
  const signed = await context.store.transaction((tx) => signHead(tx, context, signer));
  await copyCheckpoints(context);
  return signed;
}

export function checkpointText(of: Checkpoint): string {
  return `${JSON.stringify(of, null, 1)}\n`;
}

/** The checkpoint beside the exports of a month: it says how long the log was and how it ended. */
export function checkpointFile(of: Checkpoint): ExportedFile {
  return { name: 'checkpoint.json', title: 'Signed head of the audit log', rows: 1, content: checkpointText(of) };
}

/** Copies checkpoints that are in the database only into the folder beside it. */
export async function copyCheckpoints(context: Pick<AuditContext, 'store' | 'checkpointFolder'>): Promise<void> {
  const folder = context.checkpointFolder;
  if (folder === null) return;
  const stored = await storedCheckpoints(context.store.db);
  if (stored.length === 0) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const there = new Set(await readdir(folder));
  for (const one of stored) {
    const name = copyName(one);
    if (there.has(name)) continue;
    await writeFile(join(folder, `${name}.part`), checkpointText(one), { mode: 0o600 });
    await rename(join(folder, `${name}.part`), join(folder, name));
  }
}

/** After a restore: copies of heads that these books do not hold go where the books are that do. */
export async function setAsideMisfits(db: Queries, folder: string, aside: string): Promise<void> {
  const { found } = await copiedCheckpoints(folder);
  for (const one of found) {
    const event = await db
      .selectFrom('audit_event')
      .select('hash')
      .where('seq', '=', BigInt(one.seq))
      .executeTakeFirst();
    if (event?.hash === one.head) continue;
    await mkdir(aside, { recursive: true, mode: 0o700 });
    await rename(join(folder, copyName(one)), join(aside, copyName(one)));
  }
}

function copyName(of: Checkpoint): string {
  return `audit-checkpoint-${of.seq.padStart(10, '0')}.json`;
}

/** The copies; a file that is not a checkpoint any more is named. */
async function copiedCheckpoints(folder: string | null): Promise<{ found: Checkpoint[]; damaged: string | null }> {
  const found: Checkpoint[] = [];
  if (folder === null) return { found, damaged: null };
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
    const parsed = checkpoint.safeParse(parseJson(await readFile(join(folder, name), 'utf8')));
    if (!parsed.success) return { found, damaged: join(folder, name) };
    found.push(parsed.data);
  }
  return { found, damaged: null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export async function auditFindings(db: Queries, { mode, checkpoints, ownKey }: AuditQuestion): Promise<AuditFindings> {
  const verdict = await verifyLog(db, mode, checkpoints, ownKey);
  const key = (await keysInLog(db)).at(-1)?.publicKey ?? null;
  return { verdict, key, lapsed: verdict.ok ? await lapsedSignOffs(db) : [] };
}

/** The whole log against itself, every checkpoint in the database and beside it, the key in the keychain and the signed figures. */
export async function verifyAuditLog(context: AuditContext): Promise<AuditFindings> {
  const { found, damaged } = await copiedCheckpoints(context.checkpointFolder);
  const all = [...(await storedCheckpoints(context.store.db)), ...found];
  const unique = [...new Map(all.map((one) => [`${one.seq} ${one.signature}`, one])).values()];
  const question = { mode: context.mode, checkpoints: unique, ownKey: await context.ownAuditKey() };
  const worker = await workerOf(context.store);
  const findings = await (worker === null
    ? auditFindings(context.store.db, question)
    : worker.run('verify-audit', question));
  const { verdict } = findings;
  if (damaged === null || !verdict.ok) return findings;
  const problem = `${damaged} is not a checkpoint any more: the file was changed.`;
  return { ...findings, verdict: { ...verdict, ok: false, problem }, lapsed: [] };
}
