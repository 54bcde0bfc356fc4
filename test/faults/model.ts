/**
 * Any sequence of what can happen to a platform: money that comes in, data that changes, people at both ends, faults, kills and
 * restarts. After every command the books must be sound; at the end, once the faults are gone, the month must close.
 * One that fails does not end the others; `COFFER_SEED=… COFFER_PATH=…` plays it again alone. docs/fault-tests.md
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { TEMPORARY } from '../temporary';
import { commandArbitrary, type ModelCommand } from './model-commands';
import { ModelWorld } from './model-world';
import { assertNone, EXTENT, MODEL_COMMANDS, MODEL_RUNS, table } from './settings';

/** What moves no money and writes nothing down: it only decides what becomes of a later command, and is looked at with that. */
const INERT: ReadonlySet<ModelCommand['do']> = new Set(['clock', 'prune', 'break', 'mend', 'fate', 'kill']);

/** Files that share the sequences, so that each has a processor. */
const SHARES = 2;
/** Numbers of the sequences to play, from 0, and no other. */
const ONLY_PATHS = process.env.COFFER_PATH?.split(',').map(Number) ?? null;
/** Of so many datasets, on each rail and basis, one begins in the month after its own. */
const NEXT_MONTH_OF = 8;
const TELL_EVERY = 500;
const SHRINK = process.env.COFFER_SHRINK === '1';

const statistics = { runs: 0, commands: 0, refused: 0, kills: 0, closed: 0, posted: 0 };
const done = new Map<string, number>();

export const modelRuns = Math.ceil(MODEL_RUNS / SHARES);

/** Plays this share's sequences; `share` from 0. */
export async function playModel(share: number): Promise<void> {
  // The soak looks for new stories; the other runs play the same ones every time.
  const fixed = 148_755_515 + share;
  const fresh = (Date.now() ^ (process.pid << 12)) | 0;
  const seed = Number(process.env.COFFER_SEED ?? (EXTENT === 'share' || EXTENT === 'thorough' ? fixed : fresh));
  console.log(`Seed of the model tests: ${seed} (COFFER_SEED=${seed} plays it again)`);
  const started = Date.now();
  const failures: string[] = [];
  let index = -1;
  await fc.assert(
    fc.asyncProperty(
      fc.record({ dataset: fc.integer({ min: 1, max: 400 }), delay: fc.constantFrom(0, 0, 5_000) }),
      fc.array(commandArbitrary, { minLength: 5, maxLength: MODEL_COMMANDS, size: 'max' }),
      async (shape, commands) => {
        index += 1;
        if (ONLY_PATHS !== null && !SHRINK && !ONLY_PATHS.includes(index)) return;
        if (index > 0 && index % TELL_EVERY === 0) {
          console.log(`${index} of ${modelRuns} sequences, ${failures.length} wrong, ${secondsSince(started)} s`);
        }
        try {
          await playOne(shape, commands);
        } catch (error) {
          if (SHRINK) throw error;
          const failure = [
            `COFFER_SEED=${seed} COFFER_PATH=${index}: ${error instanceof Error ? error.message : String(error)}`,
            `  dataset ${shape.dataset}, delay ${shape.delay}: ${JSON.stringify(commands)}`,
          ].join('\n');
          console.error(failure);
          failures.push(failure);
        }
      },
    ),
    {
      seed,
      numRuns: ONLY_PATHS === null ? modelRuns : Math.max(...ONLY_PATHS) + 1,
      ...(SHRINK && process.env.COFFER_PATH !== undefined ? { path: process.env.COFFER_PATH } : {}),
    },
  );
  console.log(
    `${table(['command', 'times'], [...done].sort())}\n${JSON.stringify(statistics)}, ${secondsSince(started)} s`,
  );
  assertNone(failures, 'sequences');
}

async function playOne(
  { dataset, delay }: { readonly dataset: number; readonly delay: number },
  commands: readonly ModelCommand[],
): Promise<void> {
  const folder = await mkdtemp(join(TEMPORARY, 'coffer-model-'));
  const world = await ModelWorld.open(folder, dataset, delay, Math.floor(dataset / 4) % NEXT_MONTH_OF === 0);
  try {
    for (const command of commands) {
      await world.perform(command);
      done.set(command.do, (done.get(command.do) ?? 0) + 1);
      if (INERT.has(command.do)) continue;
      assertNone(await world.problems(), `after ${JSON.stringify(command)}`);
    }
    assertNone(await world.finish(), 'at the end');
    statistics.closed += 1;
  } catch (error) {
    if (process.env.COFFER_STORY === '1') console.error(await world.story());
    throw error;
  } finally {
    statistics.runs += 1;
    statistics.commands += commands.length;
    statistics.refused += world.refused;
    statistics.kills += world.kills;
    statistics.posted += world.posted;
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function secondsSince(started: number): number {
  return Math.round((Date.now() - started) / 1000);
}
