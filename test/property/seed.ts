/**
 * One seed for a whole run, printed: `COFFER_SEED=… npx vitest run --project property` plays it again. An ordinary run has the same
 * cases every time; `npm run test:properties` looks for new ones.
 */
import fc from 'fast-check';

const given = Number(process.env.COFFER_SEED);
export const SEED = Number.isSafeInteger(given) && given !== 0 ? given : 20_261_101;

/** `fc.assert` with the run's seed. */
export async function always(property: fc.IRawProperty<unknown>, numRuns: number): Promise<void> {
  await fc.assert(property, { seed: SEED, numRuns });
}

console.log(`Seed of the property tests: ${SEED} (set COFFER_SEED to play it again)`);
