/** A line of Storage that was read while its payment was under way is zero at Stripe once the payment has failed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TEMPORARY } from '../temporary';
import type { ModelCommand } from './model-commands';
import { ModelWorld } from './model-world';

const STEP: ModelCommand = { do: 'step', typed: true };
const POLL: ModelCommand = { do: 'poll' };
const FAIL: ModelCommand = { do: 'give back', which: 0, how: 'fail' };

async function open(dataset: number, delayMs: number): Promise<ModelWorld> {
  const folder = await mkdtemp(join(TEMPORARY, 'coffer-lines-'));
  const world = await ModelWorld.open(folder, dataset, delayMs);
  onTestFinished(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });
  return world;
}

/** Read by a poll while it is under way, then failed. */
async function failsAfterBeingRead(world: ModelWorld): Promise<string[]> {
  expect(await world.paymentsUnderWay()).toBeGreaterThan(0);
  for (const command of [POLL, FAIL, POLL]) await world.perform(command);
  return world.finish();
}

test('a payment of somebody else', async () => {
  const world = await open(240, 5_000);
  await world.perform(STEP);
  await world.perform({ do: 'outside', amount: 499, how: 'to a creator' });
  expect(await failsAfterBeingRead(world)).toEqual([]);
});

test('a payout of ours', async () => {
  const world = await open(240, 60_000);
  for (let steps = 0; steps < 40 && (await world.paymentsUnderWay()) === 0; steps++) {
    await world.perform(STEP);
    await world.perform({ do: 'guided' });
  }
  expect(await failsAfterBeingRead(world)).toEqual([]);
});
