/**
 * Every fault of the embedded Stripe at every endpoint that `migrate` and `close` call. A run ends done, or stopped with an
 * exception that has a name; once the fault is gone it ends done; and nothing ever moves a second time. docs/fault-tests.md
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parseArguments } from '../../electron/headless/arguments';
import { runClose } from '../../electron/headless/close';
import { BUG, STOPPED } from '../../electron/headless/ending';
import { runMigrate } from '../../electron/headless/migrate';
import { openSession } from '../../electron/headless/session';
import type * as PlatformModule from '../../electron/services/platform';
import { StripeUnavailable } from '../../electron/stripe/problem';
import { CofferError } from '../../shared/domain/coffer-error';
import { control } from './books';
import { Random } from './random';
import { differences, type Left, type ScenarioName, World } from './scenario';
import { assertNone, FAULT_PAIRS, FAULT_SEEDS, FAULTS, FIRST_SEED, inTurn, LIMIT_MS, ONLY, table } from './settings';

/** Nobody waits as long here as they say. */
const HURRY = 25;
/** Hours that a world's clock is ahead, by its store: idempotency keys are kept for a day. */
const AHEAD = new Map<string, number>();
vi.mock('../../electron/services/platform', async (original) => {
  const actual = await original<typeof PlatformModule>();
  const now = (path: string) => () => new Date(Date.now() + (AHEAD.get(path) ?? 0) * 3_600_000);
  return {
    ...actual,
    openPlatform: (options: PlatformModule.PlatformOptions) =>
      actual.openPlatform({
        ...options,
        now: now(options.storePath),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / HURRY)),
      }),
  };
});

interface Kind {
  readonly name: string;
  readonly fault: Readonly<Record<string, unknown>>;
  /** Only requests that make something can be hit. */
  readonly postOnly?: true;
  /** Changes what is paid, so that the figures may differ from an undisturbed run. */
  readonly changesOutcome?: true;
  /** Stripe answers this key with an error for a day. */
  readonly lastsADay?: true;
}

const KINDS: readonly Kind[] = [
  { name: 'dropped before', fault: { kind: 'drop_before_execute' } },
  { name: 'dropped after', fault: { kind: 'drop_after_execute' } },
  { name: 'truncated', fault: { kind: 'truncated_body' } },
  { name: 'delayed', fault: { kind: 'delay_ms', ms: 120 } },
  { name: '409', fault: { kind: 'conflict_409' } },
  { name: '429 rate', fault: { kind: 'rate_limit_429', retry_after: 0 } },
  { name: '429 lock', fault: { kind: 'lock_timeout_429' } },
  { name: '500', fault: { kind: 'error_500_not_stored' } },
  { name: '500 stored', fault: { kind: 'error_500_stored' }, postOnly: true, changesOutcome: true, lastsADay: true },
  { name: '500 stored, done', fault: { kind: 'error_500_stored', execute: true }, postOnly: true },
  { name: 'keys pruned', fault: { kind: 'prune_keys' } },
  { name: 'fails later', fault: { kind: 'payout_fail_later' }, postOnly: true, changesOutcome: true },
  { name: 'returned later', fault: { kind: 'payout_return_later' }, postOnly: true, changesOutcome: true },
  { name: 'wrong livemode', fault: { kind: 'wrong_livemode' } },
];

interface Injection {
  readonly kind: Kind;
  readonly method: string;
  readonly endpoint: string;
  readonly nth: number;
  readonly times: number;
}

interface Case {
  readonly seed: number;
  readonly scenario: 'migrate' | 'close';
  readonly injections: readonly Injection[];
}

interface Ending {
  readonly exit: number;
  readonly summary: Readonly<Record<string, unknown>>;
  readonly detail: string;
}

/** What the command line does with one run, in this process. */
async function run(world: World, command: 'migrate' | 'close'): Promise<Ending> {
  const args = parseArguments([
    command,
    ...['--data', join(world.folder, 'data'), '--out', join(world.folder, command)],
    ...['--state', join(world.folder, 'state'), '--stripe', world.wire.url, '--simulate-guided', '--yes'],
  ]);
  if (args.command !== command) throw new Error('Not a run');
  const lines: string[] = [];
  const progress = (line: string): void => {
    lines.push(line);
  };
  try {
    await mkdir(world.folder, { recursive: true });
    const session = await openSession(args, progress);
    try {
      const ended = await (command === 'close' ? runClose : runMigrate)(args, session, progress);
      return { ...ended, detail: lines.slice(-4).join(' | ') };
    } finally {
      await session.close();
    }
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (error instanceof StripeUnavailable) return { exit: STOPPED, summary: { error: error.problem.code }, detail };
    if (error instanceof CofferError) return { exit: STOPPED, summary: { error: error.code }, detail };
    return { exit: BUG, summary: { error: 'bug' }, detail };
  }
}

/** A stop says by name what it stopped for. */
function named({ summary }: Ending): boolean {
  if (typeof summary.error === 'string') return summary.error !== '' && summary.error !== 'bug';
  const { exceptions } = summary;
  return (
    Array.isArray(exceptions) &&
    exceptions.length > 0 &&
    exceptions.every((one) => typeof one.code === 'string' && one.code !== '' && one.code !== 'unexpected')
  );
}

async function inject(world: World, { kind, method, endpoint, nth, times }: Injection): Promise<void> {
  const path = `^${endpoint.replaceAll(':id', '[^/]+')}$`;
  await control(world.stripe.url, 'POST', 'faults', { ...kind.fault, method, path, nth, times });
}

interface Outcome {
  readonly first: number;
  readonly problems: readonly string[];
}

async function play(one: Case, expected: Left): Promise<Outcome> {
  const world = await World.open(null, one.seed, one.scenario);
  const problems: string[] = [];
  try {
    for (const injection of one.injections) await inject(world, injection);
    const first = await run(world, one.scenario);
    if (![0, 3, 4].includes(first.exit)) problems.push(`ended with ${first.exit}: ${first.detail}`);
    else if (first.exit !== 0 && !named(first))
      problems.push(`stopped without a name: ${JSON.stringify(first.summary)}`);
    await control(world.stripe.url, 'DELETE', 'faults');
    if (first.exit !== 0) {
      if (one.injections.some(({ kind }) => kind.lastsADay === true)) {
        AHEAD.set(world.storePath, 24);
        await control(world.stripe.url, 'POST', 'clock', { advance_seconds: 24 * 3_600 });
      }
      let again = await run(world, one.scenario);
      // A movement that turned out never to have been made is one that failed: the run stops once more, then makes it anew.
      if (again.exit === STOPPED && one.injections.some(({ kind }) => kind.changesOutcome === true)) {
        again = await run(world, one.scenario);
      }
      if (again.exit !== 0) {
        problems.push(`first ${JSON.stringify(first.summary.exceptions ?? first.summary)}`);
        problems.push(
          `run again, it ends with ${again.exit}: ${JSON.stringify(again.summary.exceptions ?? again.summary)} ${again.detail}`,
        );
      }
    }
    // Whatever it did, a run more does nothing.
    const last = await run(world, one.scenario);
    if (last.exit !== 0 && problems.length === 0) problems.push(`a run more ends with ${last.exit}: ${last.detail}`);
    problems.push(...(await world.problems()));
    if (problems.length === 0 && one.injections.every(({ kind }) => kind.changesOutcome !== true)) {
      problems.push(...differences(comparable(expected), comparable(await world.left())));
    }
    return { first: first.exit, problems };
  } finally {
    AHEAD.delete(world.storePath);
    await world.close();
  }
}

/** Movements that failed and were made anew are not in an undisturbed run; pending money may have come in meanwhile. */
function comparable(left: Left): Left {
  const { payments, certificate, ...rest } = left;
  return {
    ...rest,
    payments: null,
    certificate: certificate === null ? null : true,
    moved: left.moved.filter((line) => line.endsWith(' true')),
    payouts: left.payouts.filter((line) => line.includes(' posted ')),
    figures: left.figures === null ? null : withoutPayments(left.figures),
  };
}

function withoutPayments(figures: unknown): unknown {
  return JSON.parse(JSON.stringify(figures, (name, value: unknown) => (name === 'payments_after' ? undefined : value)));
}

function nameOf({ scenario, injections }: Case): string {
  const parts = injections.map(
    ({ kind, method, endpoint, nth, times }) => `${kind.name} at ${method} ${endpoint} #${nth}×${times}`,
  );
  return `${scenario}: ${parts.join(' + ')}`;
}

const SCENARIO_NAMES = ['migrate', 'close'] as const;
/** More reads than a run tries: it has to give up. */
const GIVE_UP = 1_000;

interface Undisturbed {
  readonly left: Left;
  readonly endpoints: ReadonlyMap<string, number>;
}

async function undisturbed(seed: number, scenario: ScenarioName & ('migrate' | 'close')): Promise<Undisturbed> {
  const world = await World.open(null, seed, scenario);
  try {
    const ended = await run(world, scenario);
    expect(ended.exit, ended.detail).toBe(0);
    const left = await world.left();
    const endpoints = new Map<string, number>();
    for (const { method, endpoint } of world.wire.seen) {
      if (endpoint.startsWith('/_sandbox')) continue;
      endpoints.set(`${method} ${endpoint}`, (endpoints.get(`${method} ${endpoint}`) ?? 0) + 1);
    }
    // A second run, as every case has.
    expect((await run(world, scenario)).exit).toBe(0);
    assertNone(await world.problems(), `undisturbed ${scenario} of seed ${seed}`);
    return { left, endpoints };
  } finally {
    await world.close();
  }
}

const CASE_SEEDS = Array.from({ length: FAULT_SEEDS }, (_, index) => FIRST_SEED + index);
const baselines = new Map<string, Undisturbed>();
const baselineOf = async (seed: number, scenario: 'migrate' | 'close'): Promise<Undisturbed> => {
  const key = `${seed} ${scenario}`;
  const known = baselines.get(key) ?? (await undisturbed(seed, scenario));
  baselines.set(key, known);
  return known;
};

function casesOf(seed: number, scenario: 'migrate' | 'close', { endpoints }: Undisturbed): Case[] {
  const cases: Case[] = [];
  for (const kind of KINDS) {
    for (const [call, count] of endpoints) {
      const [method = '', endpoint = ''] = call.split(' ');
      if (kind.postOnly === true && method !== 'POST') continue;
      for (const nth of [1, 2]) {
        if (nth > count) continue;
        // A read is tried several times: one fault is one it gets over, many are one it gives up on.
        const times = method === 'POST' || kind.name === 'delayed' || nth === 2 ? 1 : GIVE_UP;
        cases.push({ seed, scenario, injections: [{ kind, method, endpoint, nth, times }] });
      }
    }
  }
  return cases;
}

/** Every kind at every endpoint at least once before any of them comes a second time. */
function choose(cases: readonly Case[], most: number): Case[] {
  if (cases.length <= most) return [...cases];
  const seen = new Map<string, number>();
  const ranked = cases.map((one) => {
    const [first] = one.injections;
    const key = `${first?.kind.name} ${first?.method} ${first?.endpoint}`;
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return { one, rank: times };
  });
  const random = new Random(FIRST_SEED);
  const shuffled = ranked.map((entry) => ({ ...entry, order: random.next() }));
  shuffled.sort((a, b) => a.rank - b.rank || a.order - b.order);
  return shuffled.slice(0, most).map(({ one }) => one);
}

/** Waiting for Stripe is most of what a case does. */
const AT_ONCE = 4;

async function playAll(title: string, cases: readonly Case[], rowOf: (one: Case) => string): Promise<string[]> {
  const started = Date.now();
  const problems: string[] = [];
  const rows = new Map<string, { runs: number; done: number; stopped: number; unknown: number; bad: number }>();
  const lanes = Array.from({ length: AT_ONCE }, (_, lane) => cases.filter((_one, index) => index % AT_ONCE === lane));
  await Promise.all(
    lanes.map((lane) =>
      inTurn(lane, async (one) => {
        const { left } = await baselineOf(one.seed, one.scenario);
        const outcome = await play(one, left);
        const name = rowOf(one);
        const row = rows.get(name) ?? { runs: 0, done: 0, stopped: 0, unknown: 0, bad: 0 };
        rows.set(name, row);
        row.runs += 1;
        if (outcome.first === 0) row.done += 1;
        else if (outcome.first === 4) row.unknown += 1;
        else row.stopped += 1;
        if (outcome.problems.length === 0) return;
        row.bad += 1;
        const problem = `COFFER_SEED=${FIRST_SEED} COFFER_ONLY='${one.seed} ${nameOf(one)}'\n  ${outcome.problems.join('\n  ')}`;
        problems.push(problem);
        console.error(problem);
      }),
    ),
  );
  const sorted = [...rows].sort(([a], [b]) => a.localeCompare(b));
  const sum = (column: 'runs' | 'done' | 'stopped' | 'unknown' | 'bad'): number =>
    sorted.reduce((total, [, row]) => total + row[column], 0);
  console.log(
    `${table(
      [title, 'runs', 'done at once', 'stopped', 'unknown', 'wrong'],
      [
        ...sorted.map(([name, row]) => [name, row.runs, row.done, row.stopped, row.unknown, row.bad]),
        ['in all', sum('runs'), sum('done'), sum('stopped'), sum('unknown'), sum('bad')],
      ],
    )}\n${Math.round((Date.now() - started) / 1000)} s`,
  );
  return problems;
}

test(
  'one fault at each call: done or stopped by name, done once it is gone, nothing moved twice',
  async () => {
    const all: Case[] = [];
    for (const seed of CASE_SEEDS) {
      for (const scenario of SCENARIO_NAMES) all.push(...casesOf(seed, scenario, await baselineOf(seed, scenario)));
    }
    const cases = ONLY === null ? choose(all, FAULTS) : all.filter((one) => `${one.seed} ${nameOf(one)}` === ONLY);
    const problems = await playAll('fault', cases, (one) => one.injections[0]?.kind.name ?? '');
    const calls = new Set(all.map((one) => `${one.injections[0]?.method} ${one.injections[0]?.endpoint}`));
    console.log(`${cases.length} of ${all.length} cases, ${calls.size} endpoints:\n${[...calls].sort().join('\n')}`);
    assertNone(problems, 'with faults');
  },
  LIMIT_MS,
);

test(
  'two faults at calls that move money',
  async () => {
    const random = new Random(FIRST_SEED * 31 + 7);
    const cases: Case[] = [];
    for (let count = FAULT_PAIRS; count > 0; count--) {
      const seed = random.pick(CASE_SEEDS);
      const scenario = random.pick(SCENARIO_NAMES);
      const { endpoints } = await baselineOf(seed, scenario);
      const posts = [...endpoints].filter(([call]) => call.startsWith('POST '));
      if (posts.length === 0) continue;
      const injection = (): Injection => {
        const [call, most] = random.pick(posts);
        // Two faults that last a day would make it two days; the model tests have those.
        const kind = random.pick(KINDS.filter((one) => one.lastsADay !== true));
        return {
          kind,
          method: 'POST',
          endpoint: call.slice('POST '.length),
          nth: random.int(1, Math.min(most + 1, 4)),
          times: random.int(1, 2),
        };
      };
      cases.push({ seed, scenario, injections: [injection(), injection()] });
    }
    const chosen = ONLY === null ? cases : cases.filter((one) => `${one.seed} ${nameOf(one)}` === ONLY);
    const problems = await playAll('two faults', chosen, (one) => one.scenario);
    assertNone(problems, 'with faults');
  },
  LIMIT_MS,
);
