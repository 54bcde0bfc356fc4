/** Opens a platform for the command line: the dataset is checked and imported, Stripe is the embedded one or the one named. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { EmbeddedStripe } from '../sandbox';
import { readSeedDirectory, startEmbeddedStripe } from '../sandbox';
import type { GuidedMove } from '../services/context';
import { importDataset, previewDataset } from '../services/data-import';
import type { InputProblem } from '../services/dataset/problems';
import { openPlatform, type Platform } from '../services/platform';
import type { RunArguments } from './arguments';
import { killPoint } from './kill-point';
import { VERIFIER } from './verify';

const KEY = 'sk_test_headless0000000000000000';

export class InputError extends Error {
  readonly problems: readonly InputProblem[];
  constructor(problems: readonly InputProblem[]) {
    super(`${problems.length} problems`);
    this.problems = problems;
  }
}

export interface Session {
  readonly platform: Platform;
  readonly period: string;
  readonly notes: readonly string[];
  /** The file of the stand-alone verifier. */
  readonly verifier: string;
  close(): Promise<void>;
}

/**
 * Throws `InputError` before anything is written. Without `--state`, the state lies beside the exports, named by the dataset, so
 * that a second run of the same dataset resumes and moves nothing.
 */
export async function openSession(
  args: RunArguments,
  progress: (label: string) => void,
  verifier: string = VERIFIER,
): Promise<Session> {
  const checkpoint = killPoint(process.env);
  const report = await previewDataset(args.data, args.stripe === null);
  if (report.problems.count > 0 || report.policy === null) throw new InputError(report.problems.all);

  const policyHash = createHash('sha256').update(JSON.stringify(report.policy)).digest('hex');
  const fingerprint = createHash('sha256')
    .update(`${report.contentHash}\n${policyHash}\n${args.stripe ?? ''}`)
    .digest('hex');
  const state = resolve(args.state ?? join(args.out, '.coffer-state', fingerprint.slice(0, 16)));
  await mkdir(state, { recursive: true, mode: 0o700 });
  const storePath = join(state, 'coffer.db');

  let embedded: EmbeddedStripe | null = null;
  let baseUrl = args.stripe;
  if (baseUrl === null) {
    embedded = await startEmbeddedStripe({
      stateFile: join(state, 'stripe.jsonl'),
      seed: await readSeedDirectory(args.data),
    });
    baseUrl = embedded.url;
  }
  const actor = operatorName();
  const url = baseUrl;
  const platform = await openPlatform({
    storePath,
    mode: 'sandbox',
    baseUrl,
    key: async () => KEY,
    actor: () => actor,
    publish: (event, payload) => {
      if (event !== 'run.progress' || !('label' in payload)) return;
      progress(payload.total > 1 ? `  ${payload.label} (${payload.done} of ${payload.total})` : `  ${payload.label}`);
    },
    playGuided: args.simulateGuided ? (move) => playInDashboard(url, move) : null,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  }).catch(async (error: unknown) => {
    await embedded?.close();
    throw error;
  });
  const imported = await importDataset(storePath, args.data, {
    requireStripe: false,
    actor,
    now: platform.context.now,
    newId: platform.context.newId,
  });
  if (!imported.imported) {
    await platform.close();
    await embedded?.close();
    throw new InputError(imported.problems.all);
  }
  await platform.context.checkpoint('session.imported');
  await platform.connect();
  return {
    platform,
    period: report.policy.period,
    notes: imported.notes,
    verifier,
    close: async () => {
      await platform.close();
      await embedded?.close();
    },
  };
}

export function operatorName(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    return 'command line';
  }
}

/** The embedded Stripe plays the person in the dashboard; refused by anything that is not it. */
async function playInDashboard(url: string, move: GuidedMove): Promise<void> {
  const reply = await fetch(`${url}/_sandbox/dashboard/transfer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-coffer-sandbox': '1' },
    body: JSON.stringify({ from: 'storage', to: 'payments', amount: Number(move.amount), currency: move.currency }),
  });
  if (!reply.ok) throw new Error(`The embedded Stripe refused the transfer: ${await reply.text()}`);
}
