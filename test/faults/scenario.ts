/** One world: an embedded Stripe that survives, a state directory, and the commands that are killed and taken up again. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type EmbeddedStripe, readSeedDirectory, startEmbeddedStripe } from '../../electron/sandbox';
import { openStore } from '../../electron/store/store';
import { canonicalJson } from '../../shared/domain/canonical-json';
import { TEMPORARY } from '../temporary';
import { coverageProblems, movementsAtStripe, stripeState } from './books';
import { type DatasetShape, PERIOD, shapeOf, writeDataset } from './dataset';
import type { Ended, Entry, Program, RunOptions } from './program';
import { type Seen, Wire } from './wire';

export const SCENARIOS = {
  migrate: ['migrate'],
  close: ['close'],
  'migrate and close': ['migrate', 'close'],
  'migrate and roll back': ['migrate', 'rollback'],
} as const;

export type ScenarioName = keyof typeof SCENARIOS;
type Command = 'migrate' | 'close' | 'rollback';

export const MOST_RESTARTS = 5;

/** What is left at the end, without ids and times: the same however often the program was killed. */
export interface Left {
  readonly payments: unknown;
  readonly storage: unknown;
  readonly recipients: unknown;
  readonly moved: readonly string[];
  readonly ledger: readonly string[];
  readonly earnings: string;
  readonly figures: unknown;
  readonly payouts: readonly string[];
  readonly certificate: unknown;
}

export class World {
  readonly shape: DatasetShape;
  readonly scenario: ScenarioName;
  readonly folder: string;
  readonly stripe: EmbeddedStripe;
  readonly wire: Wire;
  readonly #program: Program | null;

  private constructor(
    program: Program | null,
    shape: DatasetShape,
    scenario: ScenarioName,
    folder: string,
    stripe: EmbeddedStripe,
    wire: Wire,
  ) {
    this.#program = program;
    this.shape = shape;
    this.scenario = scenario;
    this.folder = folder;
    this.stripe = stripe;
    this.wire = wire;
  }

  /** Without a program it is only a place for runs in this process. */
  static async open(program: Program | null, seed: number, scenario: ScenarioName): Promise<World> {
    const shape = shapeOf(seed);
    const folder = await mkdtemp(join(TEMPORARY, 'coffer-faults-'));
    const data = join(folder, 'data');
    await writeDataset(data, shape);
    const stripe = await startEmbeddedStripe({ seed: await readSeedDirectory(data) });
    return new World(program, shape, scenario, folder, stripe, await Wire.before(stripe.url));
  }

  get commands(): readonly Command[] {
    return SCENARIOS[this.scenario];
  }

  get storePath(): string {
    return join(this.folder, 'state', 'coffer.db');
  }

  run(command: Command, options: RunOptions = {}): Promise<Ended> {
    const entry: Entry = command === 'rollback' ? 'rollback' : 'headless';
    const out = join(this.folder, command);
    if (this.#program === null) throw new Error('This world has no program');
    return this.#program.run(
      entry,
      [
        command,
        ...['--data', join(this.folder, 'data')],
        ...['--out', out],
        ...['--state', join(this.folder, 'state')],
        ...['--stripe', this.wire.url],
        '--simulate-guided',
        '--yes',
      ],
      options,
    );
  }

  labels(command: Command): Promise<Ended> {
    return this.run(command, { labelsTo: join(this.folder, 'labels') });
  }

  problems(): Promise<string[]> {
    return coverageProblems(this.storePath, this.stripe.url);
  }

  async left(): Promise<Left> {
    const { payments, storage, recipients } = await stripeState(this.stripe.url);
    const moved = (await movementsAtStripe(this.stripe.url)).map(
      (one) => `${one.kind} ${one.account} ${one.currency} ${one.amount} ${one.effective}`,
    );
    const store = openStore(this.storePath);
    const balances = await store.db.selectFrom('ledger_balance').selectAll().execute();
    await store.close();
    const closed = this.commands.includes('close');
    return {
      payments,
      storage,
      recipients,
      moved: moved.sort(),
      ledger: balances
        .filter((row) => row.balance !== 0n)
        .map((row) => `${row.account} ${row.currency} ${row.balance}`)
        .sort(),
      earnings: closed ? await this.#text('close', 'earnings.csv') : '',
      figures: closed ? JSON.parse(await this.#text('close', 'summary.json')) : null,
      payouts: closed ? payoutLines(await this.#text('close', 'payouts.csv')) : [],
      certificate: this.commands.includes('migrate')
        ? certified(await this.#text('migrate', 'certificate.json'))
        : null,
    };
  }

  async #text(command: Command, file: string): Promise<string> {
    return readFile(join(this.folder, command, file), 'utf8').catch(() => '');
  }

  async close(): Promise<void> {
    await this.wire.close();
    await this.stripe.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What was paid to whom, and how it ended. */
function payoutLines(text: string): string[] {
  const rows: Record<string, string>[] = parse(text, { columns: true, bom: true });
  return rows
    .map((row) =>
      ['period', 'creator_id', 'currency', 'amount_minor', 'stripe_account', 'status', 'failure_code', 'batch']
        .map((column) => row[column])
        .join(' '),
    )
    .sort();
}

function certified(text: string): unknown {
  if (text === '') return null;
  const certificate: Record<string, unknown> & {
    operations: Record<string, unknown>[];
    checks: { outcome: string }[];
  } = JSON.parse(text);
  return {
    before: certificate.before,
    after: certificate.after,
    operations: certificate.operations.map(({ kind, currency, amount, status }) => ({
      kind,
      currency,
      amount,
      status,
    })),
    checks: certificate.checks.map(({ outcome }) => outcome),
  };
}

/** Where a run is ended: at a labelled point, or when Stripe has done a call of the program and the reply is not read. */
export type KillSpec = {
  readonly command: number;
  /** At which time that it comes to the label or the call, from 1. */
  readonly nth: number;
  /** Labels at which the restarted runs are killed too, should they come to them. */
  readonly again?: readonly string[];
} & (
  | { readonly label: string }
  | {
      /** As `callOf` says it. */
      readonly call: string;
      /** It reaches Stripe only when the restarted program is at work. */
      readonly late: boolean;
    }
);

export function callOf({ method, endpoint }: Seen): string {
  return `${method} ${endpoint}`;
}

export function describeKill(kill: KillSpec): string {
  const then = (kill.again ?? []).map((label) => `,${label}`).join('');
  const where = 'label' in kill ? kill.label : `${kill.late ? 'late ' : ''}${kill.call}`;
  return `${kill.command}:${where}:${kill.nth}${then}`;
}

export interface Baseline {
  readonly left: Left;
  /** Labels of each command, in the order they were come to. */
  readonly labels: readonly (readonly string[])[];
  /** Methods and endpoints of the requests of each command. */
  readonly requests: readonly (readonly Seen[])[];
  readonly problems: readonly string[];
}

/** The run that nobody disturbs. */
export async function undisturbed(program: Program, seed: number, scenario: ScenarioName): Promise<Baseline> {
  const world = await World.open(program, seed, scenario);
  try {
    const labels: string[][] = [];
    const requests: Seen[][] = [];
    const problems: string[] = [];
    for (const command of world.commands) {
      const before = world.wire.seen.length;
      const ended = await world.labels(command);
      labels.push([...ended.labels]);
      requests.push(world.wire.seen.slice(before));
      if (ended.exit !== 0)
        problems.push(`undisturbed ${command} ended with ${ended.exit}: ${ended.stderr.slice(-600)}`);
    }
    problems.push(...(await world.problems()));
    return { left: await world.left(), labels, requests, problems };
  } finally {
    await world.close();
  }
}

export interface KillResult {
  /** Labels or requests it was killed at. */
  readonly kills: number;
  readonly restarts: number;
  readonly problems: readonly string[];
  readonly ms: number;
}

/** How often an outcome is asked for, and whether one by one or as a list, is up to how long it takes. */
function mayBeRarer(kill: KillSpec): boolean {
  return 'call' in kill && kill.call.startsWith('GET ');
}

/**
 * Runs the commands, killed once; every run is taken up again until it is done. One that reads something less often than the
 * undisturbed one did is played anew, killed at its last time; one that does not read it at all is a run that nobody killed.
 */
export async function killedOnce(
  program: Program,
  seed: number,
  scenario: ScenarioName,
  kill: KillSpec,
  expected: Left,
): Promise<KillResult> {
  const started = performance.now();
  const world = await World.open(program, seed, scenario);
  const again = [...(kill.again ?? [])];
  let kills = 0;
  let restarts = 0;
  const problems: string[] = [];
  try {
    for (const [index, command] of world.commands.entries()) {
      if (index === kill.command) {
        const { ended, calls } = await killRun(world, command, kill);
        if (ended.signal === 'SIGKILL') kills += 1;
        else if (ended.exit !== 0 || !mayBeRarer(kill) || calls >= kill.nth) {
          problems.push(`${command} was not killed: it ended with ${ended.exit ?? ended.signal}`);
        } else if (calls > 0) {
          return await killedOnce(program, seed, scenario, { ...kill, nth: calls }, expected);
        }
      }
      let ended: Ended | null = null;
      for (let tries = 0; tries < MOST_RESTARTS; tries++) {
        if (index === kill.command || tries > 0) restarts += 1;
        const next = index === kill.command ? again.shift() : undefined;
        ended = await world.run(command, next === undefined ? {} : { killAt: next });
        if (ended.signal === 'SIGKILL') {
          kills += 1;
          continue;
        }
        if (ended.exit !== 3 && ended.exit !== 4) break;
      }
      if (ended?.exit !== 0) {
        problems.push(`${command} ends with ${ended?.exit ?? ended?.signal}: ${ended?.stderr.slice(-800)}`);
        break;
      }
    }
    problems.push(...(await world.problems()));
    if (problems.length === 0) problems.push(...differences(expected, await world.left()));
  } finally {
    await world.close();
  }
  return { kills, restarts, problems, ms: performance.now() - started };
}

/** Longer than a restart takes to look the movement up and send it again. */
const LATE_MS = 700;

/** `calls` is how often it came to the call that it should be killed at. */
async function killRun(world: World, command: Command, kill: KillSpec): Promise<{ ended: Ended; calls: number }> {
  if ('label' in kill) return { ended: await world.run(command, { killAt: `${kill.label}:${kill.nth}` }), calls: 0 };
  let calls = 0;
  const ended = await world.run(command, {
    onStart: (child) => {
      const timeOf = new Map<number, number>();
      world.wire.act = async (moment, nth, request) => {
        if (callOf(request) !== kill.call) return;
        if (moment === 'before') timeOf.set(nth, ++calls);
        if (timeOf.get(nth) !== kill.nth) return;
        if (kill.late && moment === 'before') {
          child.kill('SIGKILL');
          // On its way while the process is gone: it arrives when the restarted one is at work.
          await new Promise((resolve) => setTimeout(resolve, LATE_MS));
        }
        if (!kill.late && moment === 'after') child.kill('SIGKILL');
      };
    },
  });
  world.wire.act = () => {};
  return { ended, calls };
}

export function differences(expected: Left, actual: Left): string[] {
  const problems: string[] = [];
  for (const name of Object.keys(expected) as (keyof Left)[]) {
    const before = canonicalJson(expected[name]);
    const after = canonicalJson(actual[name]);
    if (before !== after)
      problems.push(`${name} differs from an undisturbed run:\n  expected ${before}\n  but got  ${after}`);
  }
  return problems;
}

export { PERIOD };
