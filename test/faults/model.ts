/**
 * Any sequence of what can happen to a platform: money that comes in, data that changes, people at both ends, faults, kills and
 * restarts. After every command the books must be sound; at the end, once the faults are gone, the month must close.
 * `COFFER_SEED=… COFFER_MODEL_RUNS=1` plays one run again. docs/fault-tests.md
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { TEMPORARY } from '../temporary';
import { commandArbitrary } from './model-commands';
import { ModelWorld } from './model-world';
import { EXTENT, MODEL_COMMANDS, MODEL_RUNS, table } from './settings';

/** Files that share the sequences, so that each has a processor. */
const SHARES = 2;

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
  await fc.assert(
    fc.asyncProperty(
      fc.record({ dataset: fc.integer({ min: 1, max: 400 }), delay: fc.constantFrom(0, 0, 5_000) }),
      fc.array(commandArbitrary, { minLength: 5, maxLength: MODEL_COMMANDS, size: 'max' }),
      async (shape, commands) => {
        const folder = await mkdtemp(join(TEMPORARY, 'coffer-model-'));
        const world = await ModelWorld.open(folder, shape.dataset, shape.delay);
        try {
          for (const command of commands) {
            await world.perform(command);
            done.set(command.do, (done.get(command.do) ?? 0) + 1);
            expect(await world.problems(), `after ${JSON.stringify(command)}`).toEqual([]);
          }
          const problems = await world.finish();
          if (problems.length > 0 && process.env.COFFER_STORY === '1') console.error(await world.story());
          expect(problems, 'at the end').toEqual([]);
          statistics.closed += 1;
        } finally {
          statistics.runs += 1;
          statistics.commands += commands.length;
          statistics.refused += world.refused;
          statistics.kills += world.kills;
          statistics.posted += world.posted;
          await world.close();
          await rm(folder, { recursive: true, force: true });
        }
      },
    ),
    {
      seed,
      numRuns: modelRuns,
      endOnFailure: process.env.COFFER_SHRINK !== '1',
      ...(process.env.COFFER_PATH === undefined ? {} : { path: process.env.COFFER_PATH }),
    },
  );
  console.log(
    `${table(['command', 'times'], [...done].sort())}\n${JSON.stringify(statistics)}, ${Math.round((Date.now() - started) / 1000)} s`,
  );
}
