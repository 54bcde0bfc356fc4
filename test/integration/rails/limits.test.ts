/** The client against the limits of the embedded Stripe, in real time, when it was told limits that are far too high. */
import { expect, it } from 'vitest';
import { anything } from '../../../electron/stripe/objects';
import { world } from './harness';

const LEARNING_MS = 8_000;
const MEASURED_MS = 16_000;

it('learns the limits from 429 answers: afterwards less than 1 % is refused', async () => {
  const w = await world({
    limits: { perSecond: 2_000, perEndpoint: 2_000, concurrency: 32 },
    rateLimit: { perSecond: 40, perEndpoint: 25 },
  });
  const started = Date.now();
  let measuredFrom = 0;
  const until = started + LEARNING_MS + MEASURED_MS;
  const reader = async (path: string): Promise<void> => {
    while (Date.now() < until) {
      if (measuredFrom === 0 && Date.now() > started + LEARNING_MS) measuredFrom = w.statuses.length;
      await w.client.read(path, {}, anything).catch(() => undefined);
    }
  };
  const paths = ['/v1/balance', '/v1/payouts?limit=1'];
  await Promise.all(paths.flatMap((path) => Array.from({ length: 8 }, () => reader(path))));
  const measured = w.statuses.slice(measuredFrom);
  const refused = measured.filter((status) => status === 429).length;
  console.log(`${refused} of ${measured.length} requests refused after learning`);
  expect(refused / measured.length).toBeLessThan(0.01);
  // How much of what is allowed is used, test/unit/stripe/limiter.test.ts says; here it depends on how busy the computer is.
  expect(measured.length).toBeGreaterThan(100);
  // It had to learn: the first requests met the limit.
  expect(w.statuses.slice(0, measuredFrom)).toContain(429);
}, 60_000);
