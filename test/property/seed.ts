/** One seed for a whole run, printed, so that a failure can be played again: `COFFER_SEED=… npx vitest run --project property`. */
import fc from 'fast-check';

const given = Number(process.env.COFFER_SEED);
export const SEED = Number.isSafeInteger(given) && given !== 0 ? given : (Date.now() ^ (process.pid << 12)) | 0;

/** `fc.assert` with the run's seed. */
export async function always(property: fc.IRawProperty<unknown>, numRuns: number): Promise<void> {
  await fc.assert(property, { seed: SEED, numRuns });
}

console.log(`Seed of the property tests: ${SEED} (set COFFER_SEED to play it again)`);
