/**
 * The command is killed (SIGKILL) at every labelled point and in the middle of requests, on small random datasets, and taken up
 * again. Each time the books, Stripe and the exports must be what they are when nobody kills it. docs/fault-tests.md
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program } from './program';
import { Random } from './random';
import {
  type Baseline,
  callOf,
  describeKill,
  type KillSpec,
  killedOnce,
  SCENARIOS,
  type ScenarioName,
  undisturbed,
} from './scenario';
import { assertNone, EXTENT, inTurn, KILLS, LIMIT_MS, ONLY, REQUEST_KILLS, SEEDS, seeds, table } from './settings';

const NAMES = Object.keys(SCENARIOS) as ScenarioName[];

interface Point {
  readonly seed: number;
  readonly scenario: ScenarioName;
  readonly kill: KillSpec;
  /** What is counted in the table. */
  readonly label: string;
  /** What one run should have at least once: the scenario, the command, the label and which of its times. */
  readonly key: string;
}

let program: Program;
const baselines = new Map<string, Baseline>();
const started = Date.now();

beforeAll(async () => {
  program = await Program.build();
}, 120_000);
afterAll(() => program?.close());

/**
 * A share has one scenario for each seed, rails and funding bases going round within each; a thorough run has two, which come to all
 * labels between them.
 */
function scenariosOf(seed: number): readonly ScenarioName[] {
  if (EXTENT === 'every' || ONLY !== null) return NAMES;
  if (EXTENT !== 'share') return [seed % 2 === 0 ? 'close' : 'migrate and close', 'migrate and roll back'];
  const name = NAMES[(seed + Math.floor(seed / 4)) % NAMES.length];
  return name === undefined ? [] : [name];
}

/**
 * Whether Stripe lists an event of the command before by the time that this one looks is up to the second, so a run may never come
 * here. test/integration/services/events.test.ts ends the program at it.
 */
const BY_CHANCE = 'events.followed';

/** Every point of an undisturbed run: each label at its first, second and last time, and each request. */
function pointsOf(seed: number, scenario: ScenarioName, baseline: Baseline): Point[] {
  const points: Point[] = [];
  for (const [command, labels] of baseline.labels.entries()) {
    const name = SCENARIOS[scenario][command] ?? '';
    const counts = new Map<string, number>();
    for (const label of labels) if (label !== BY_CHANCE) counts.set(label, (counts.get(label) ?? 0) + 1);
    for (const [label, count] of counts) {
      for (const nth of new Set([1, Math.min(2, count), count])) {
        const which = nth === 1 ? 'first' : nth === 2 ? 'second' : 'last';
        points.push({
          seed,
          scenario,
          kill: { command, label, nth },
          label,
          key: `${scenario} ${name} ${label} ${which}`,
        });
      }
    }
    const times = new Map<string, number>();
    for (const request of baseline.requests[command] ?? []) {
      const call = callOf(request);
      const nth = (times.get(call) ?? 0) + 1;
      times.set(call, nth);
      const label = `after ${call}`;
      points.push({
        seed,
        scenario,
        kill: { command, call, nth, late: false },
        label,
        key: `${scenario} ${name} ${label}`,
      });
      // A click in the dashboard carries no key: a dead person's is not made up for.
      if (request.method !== 'POST' || request.endpoint.startsWith('/_sandbox')) continue;
      const late = `${call} arrives late`;
      points.push({
        seed,
        scenario,
        kill: { command, call, nth, late: true },
        label: late,
        key: `${scenario} ${name} ${late}`,
      });
    }
  }
  return points;
}

/**
 * The rarest label first and, among those, the rarest kind of point, going round the seeds: few kills reach as many different
 * points as they can. Labels before requests when both are as rare; chance, by the seed, decides the rest.
 */
function choose(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points];
  const random = new Random(points.length);
  const reached = new Map<string, number>();
  const bySeed = new Map<number, { readonly point: Point; readonly order: number }[]>();
  for (const point of points) {
    bySeed.set(point.seed, [...(bySeed.get(point.seed) ?? []), { point, order: random.next() }]);
  }
  const rank = ({ point, order }: { readonly point: Point; readonly order: number }): number => {
    const times = (reached.get(point.label) ?? 0) * 2 + ('label' in point.kill ? 0 : 1);
    return times * 1_000 + (reached.get(point.key) ?? 0) + order;
  };
  const chosen: Point[] = [];
  while (chosen.length < most && [...bySeed.values()].some((left) => left.length > 0)) {
    for (const left of bySeed.values()) {
      if (chosen.length === most || left.length === 0) continue;
      const best = left.reduce((a, b) => (rank(b) < rank(a) ? b : a));
      left.splice(left.indexOf(best), 1);
      chosen.push(best.point);
      for (const name of [best.point.label, best.point.key]) reached.set(name, (reached.get(name) ?? 0) + 1);
    }
  }
  return chosen;
}

/** Each label of each seed once: at which of its times and in which scenario is up to chance, by the seed. */
function eachLabel(points: readonly Point[]): Point[] {
  const bySeedAndLabel = new Map<string, Point[]>();
  for (const point of points) {
    if (!('label' in point.kill)) continue;
    const name = `${point.seed} ${point.label}`;
    bySeedAndLabel.set(name, [...(bySeedAndLabel.get(name) ?? []), point]);
  }
  const random = new Random(points.length);
  return [...bySeedAndLabel.values()].map((same) => random.pick(same));
}

function chosen(points: readonly Point[]): Point[] {
  switch (EXTENT) {
    case 'share':
      return withMore(choose(points, KILLS));
    case 'thorough':
    case 'soak': {
      const requests = points.filter(({ kill }) => 'call' in kill);
      return [...withMore([...eachLabel(points), ...choose(requests, REQUEST_KILLS)]), ...lookedUp(points)];
    }
    case 'every':
      return [...withMore(points), ...lookedUp(points)];
  }
}

/** A label that only a run comes to which looks up what became of the one before: each seed is killed there once. */
const LOOKED_UP = 'movement.looked-up';

function lookedUp(points: readonly Point[]): Point[] {
  const sent = points.filter(({ label, kill }) => label === 'movement.sending-written' && kill.nth === 1);
  return seeds().flatMap((seed) => {
    const ofSeed = sent.filter((point) => point.seed === seed);
    if (ofSeed.length === 0) return [];
    const point = new Random(seed).pick(ofSeed);
    return [{ ...point, label: LOOKED_UP, kill: { ...point.kill, again: [`${LOOKED_UP}:1`] } }];
  });
}

/** Some are killed again while they recover: at one or two labels more, drawn from those of the undisturbed run and of recovery. */
function withMore(points: readonly Point[]): Point[] {
  return points.map((point, index) => {
    if (index % 2 === 0) return point;
    const random = new Random(point.seed * 104_729 + index);
    const undisturbed = baselines.get(`${point.seed} ${point.scenario}`)?.labels[point.kill.command] ?? [];
    const labels = [...undisturbed, ...Array.from({ length: 6 }, () => LOOKED_UP)];
    const then = Array.from({ length: random.int(1, 2) }, () => `${random.pick(labels)}:${random.int(1, 2)}`);
    return { ...point, kill: { ...point.kill, again: then } };
  });
}

/** The point with a name that `nameOf` gave it, with the labels of its further kills. */
function only(points: readonly Point[], name: string): Point[] {
  const [first = '', ...then] = name.split(',');
  return points
    .filter((point) => nameOf(point) === first)
    .map((point) => ({ ...point, kill: { ...point.kill, again: then } }));
}

/** Every label that the product's source has, but the one that a run may or may not come to. */
function labelsInSource(): string[] {
  const folder = fileURLToPath(new URL('../../electron', import.meta.url));
  const labels = new Set<string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const source = readFileSync(join(folder, file), 'utf8');
    for (const [, label] of source.matchAll(/checkpoint\('([^']+)'\)/g)) {
      if (label !== undefined && label !== BY_CHANCE) labels.add(label);
    }
  }
  return [...labels].sort();
}

function nameOf(point: Pick<Point, 'scenario' | 'kill'>): string {
  return `${point.scenario}/${describeKill(point.kill)}`;
}

test(`undisturbed, ${SEEDS} seeds end with books that agree with Stripe`, async () => {
  const problems: string[] = [];
  const runs = seeds().flatMap((seed) => scenariosOf(seed).map((scenario) => ({ seed, scenario })));
  await inTurn(runs, async ({ seed, scenario }) => {
    const baseline = await undisturbed(program, seed, scenario);
    baselines.set(`${seed} ${scenario}`, baseline);
    problems.push(...baseline.problems.map((problem) => `COFFER_SEED=${seed} ${scenario}: ${problem}`));
  });
  assertNone(problems, 'undisturbed');
});

test(
  'killed at any point and taken up again: nothing lost, nothing twice, nothing unexplained, the same figures',
  async () => {
    const all = [...baselines].flatMap(([key, baseline]) => {
      const [seed = '', ...scenario] = key.split(' ');
      return pointsOf(Number(seed), scenario.join(' ') as ScenarioName, baseline);
    });
    const points = ONLY === null ? chosen(all) : only(all, ONLY);
    expect(points.length).toBeGreaterThan(0);
    const problems: string[] = [];
    let again = 0;
    const counts = new Map<string, { kills: number; restarts: number; most: number; bad: number }>();
    await inTurn(points, async (point) => {
      const baseline = baselines.get(`${point.seed} ${point.scenario}`);
      if (baseline === undefined) return;
      const result = await killedOnce(program, point.seed, point.scenario, point.kill, baseline.left);
      const count = counts.get(point.label) ?? { kills: 0, restarts: 0, most: 0, bad: 0 };
      counts.set(point.label, count);
      const meant = point.label === LOOKED_UP ? 2 : 1;
      if (result.kills >= meant) count.kills += 1;
      again += Math.max(result.kills - meant, 0);
      count.restarts += result.restarts;
      count.most = Math.max(count.most, result.restarts);
      if (result.problems.length === 0) return;
      count.bad += 1;
      const replay = `COFFER_SEED=${point.seed} COFFER_SEEDS=1 COFFER_ONLY='${nameOf(point)}'`;
      const problem = `${replay}\n  ${result.problems.join('\n  ')}`;
      problems.push(problem);
      console.error(problem);
    });
    const rows = [...counts].sort(([a], [b]) => a.localeCompare(b));
    const total = rows.reduce(
      (sum, [, one]) => ({
        kills: sum.kills + one.kills,
        restarts: sum.restarts + one.restarts,
        bad: sum.bad + one.bad,
      }),
      { kills: 0, restarts: 0, bad: 0 },
    );
    const most = Math.max(...rows.map(([, one]) => one.most));
    console.log(
      `${table(
        ['killed at', 'kills', 'restarts', 'most', 'wrong'],
        [
          ...rows.map(([label, one]) => [label, one.kills, one.restarts, one.most, one.bad]),
          ['in all', total.kills, total.restarts, most, total.bad],
        ],
      )}\n${again} further kills while recovering; ${points.length} of ${all.length} points of ${baselines.size} runs (seeds ${seeds()[0]} to ${seeds().at(-1)}), ${new Set(points.map((point) => point.key)).size} of ${new Set(all.map((point) => point.key)).size} kinds of points, ${Math.round((Date.now() - started) / 1000)} s`,
    );
    assertNone(problems, 'killed');
    if (EXTENT === 'share' || ONLY !== null) return;
    const never = labelsInSource().filter((label) => (counts.get(label)?.kills ?? 0) === 0);
    expect(never, 'labels that no seed was killed at').toEqual([]);
  },
  LIMIT_MS,
);
