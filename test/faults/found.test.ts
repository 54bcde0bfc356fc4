/** What the kills and the model found, each as the shortest sequence that shows it. The month must close every time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TEMPORARY } from '../temporary';
import type { ModelCommand } from './model-commands';
import { ModelWorld } from './model-world';

const STEP: ModelCommand = { do: 'step', typed: true };
const MIGRATE: ModelCommand = { do: 'migrate' };
const steps = (count: number): ModelCommand[] => Array.from({ length: count }, () => STEP);

async function play(dataset: number, commands: readonly ModelCommand[]): Promise<string[]> {
  const folder = await mkdtemp(join(TEMPORARY, 'coffer-found-'));
  const world = await ModelWorld.open(folder, dataset, 0);
  try {
    for (const command of commands) await world.perform(command);
    return [...(await world.problems()), ...(await world.finish())];
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Killed at each of the first labels of what comes next. */
const KILLS = Array.from({ length: 14 }, (_, index) => index + 1);
const kill = (points: number): ModelCommand => ({ do: 'kill', points });

test('a release that is found a day after it was made is one movement, and not an outside one as well', async () => {
  const surplus = [...steps(4), { do: 'guided' }, { do: 'poll' }, { do: 'clock', hours: 25 }] as ModelCommand[];
  expect(await play(44, surplus)).toEqual([]);
});

test.each(KILLS)('ended at point %i of the Fund step, on earmark with the fee to be returned', async (points) => {
  // Lock, earnings, lapse; then Fund.
  expect(await play(55, [...steps(3), kill(points), STEP, STEP])).toEqual([]);
});

test.each(KILLS)('a migration ended at point %i, and what is owed changes before it is resumed', async (points) => {
  const changed: ModelCommand = { do: 'import', amount: 5_000, creator: 1 };
  expect(await play(7, [kill(points), MIGRATE, changed, MIGRATE])).toEqual([]);
});

test.each(KILLS)('a migration ended at point %i in the middle of a month end', async (points) => {
  expect(await play(7, [...steps(2), kill(points), MIGRATE, ...steps(3), MIGRATE])).toEqual([]);
});

test('a migration that is approved but cannot begin while creators are being paid', async () => {
  expect(await play(251, [...steps(5), kill(8), STEP, MIGRATE, { do: 'roll back' }, STEP])).toEqual([]);
});

test('a funding that fails at Stripe while its rollback waits for a person', async () => {
  expect(await play(390, [STEP, MIGRATE, { do: 'roll back' }, { do: 'fail funding', which: 18 }])).toEqual([]);
});

test('an outside movement of the same amount as one of ours that never went out', async () => {
  const outside: ModelCommand = { do: 'outside', amount: 423, how: 'to a creator' };
  expect(await play(65, [...steps(3), outside, STEP, kill(5), STEP, MIGRATE, { do: 'poll' }])).toEqual([]);
});

test.each(KILLS)(
  'funding that fails at Stripe, ended at point %i: its way back is not an outside movement',
  async (points) => {
    const fate: ModelCommand = { do: 'fate', how: 'payout_fail_later' };
    expect(await play(121, [STEP, MIGRATE, { do: 'poll' }, fate, STEP, STEP, kill(points), STEP])).toEqual([]);
  },
);

test.each(KILLS)('the Fund step ended at point %i, and a migration before it is run again', async (points) => {
  expect(await play(7, [...steps(3), kill(points), STEP, MIGRATE, STEP])).toEqual([]);
});

test('a payment of somebody else of the amount that a rollback takes back later', async () => {
  const outside: ModelCommand = { do: 'outside', amount: 3_123, how: 'to a creator' };
  const more: ModelCommand = { do: 'import', amount: 2_036, creator: 3 };
  const before: ModelCommand[] = [
    { do: 'hold', creator: 2, held: true },
    { do: 'clock', hours: 1 },
    ...steps(3),
    outside,
  ];
  const moved: ModelCommand[] = [
    { do: 'step', typed: false },
    { do: 'poll' },
    MIGRATE,
    STEP,
    more,
    { do: 'roll back' },
  ];
  expect(await play(174, [...before, ...moved, STEP, MIGRATE, STEP])).toEqual([]);
});

test.each(KILLS)('on earmark, the Pay step ended at point %i and a hold that makes a new plan', async (points) => {
  const hold: ModelCommand = { do: 'hold', creator: 1, held: true };
  expect(await play(391, [...steps(5), kill(points), STEP, hold, STEP, STEP])).toEqual([]);
});

test('a rollback proven by a transfer that somebody made just before it was asked for, and was already listed as an exception', async () => {
  const outside: ModelCommand = { do: 'outside', amount: 2_669, how: 'out' };
  const hold: ModelCommand = { do: 'hold', creator: 2, held: true };
  const charge: ModelCommand = { do: 'charge', amount: 18_825, later: false, euro: false };
  expect(await play(340, [STEP, charge, ...steps(2), outside, { do: 'guided' }, STEP, MIGRATE, hold])).toEqual([]);
});

test('money leaves Storage while a rollback waits for a person: it is told, and a new dry run ends the rollback', async () => {
  const outside: ModelCommand = { do: 'outside', amount: 4_155, how: 'out' };
  expect(await play(329, [STEP, MIGRATE, { do: 'roll back' }, outside])).toEqual([]);
});

test.each(KILLS)(
  'a retry ended at point %i after the month was reconciled is sent once by another retry',
  async (points) => {
    const returned: ModelCommand = { do: 'give back', which: 13, how: 'return' };
    const paid = [...steps(7), returned, { do: 'poll' }] as ModelCommand[];
    expect(await play(396, [...paid, kill(points), { do: 'retry', which: 19 }])).toEqual([]);
  },
);
