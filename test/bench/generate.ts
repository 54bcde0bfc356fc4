/**
 * A platform's month, generated: per creator three subscribers, each with one payment and three allocations. Every tenth subscriber
 * allocates more than was paid, some payments failed or were refunded in part, some allocations are canceled or name a creator nobody
 * knows. The same size gives the same bytes.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { random } from './random';

export const PERIOD = '2026-10';
export const FEE_BPS = 700;
export const SUBSCRIBERS_PER_CREATOR = 3;
export const ALLOCATIONS_PER_SUBSCRIBER = 3;

export const creatorId = (index: number): string => `creator_${String(index).padStart(8, '0')}`;
export const subscriberId = (index: number): string => `subscriber_${String(index).padStart(8, '0')}`;

export interface Subscription {
  readonly subscriber: number;
  readonly currency: 'usd' | 'eur';
  readonly amount: number;
  readonly refunded: number;
  readonly status: 'succeeded' | 'failed' | 'disputed';
  readonly allocations: readonly {
    /** Index of the creator; −1: a creator nobody knows. */
    readonly creator: number;
    readonly amount: number;
    readonly status: 'active' | 'cancelled';
  }[];
}

/** Each subscriber with a payment and allocations. Amounts in minor units. */
export function* subscriptions(creators: number): Generator<Subscription> {
  const next = random(2026);
  const upTo = (limit: number): number => Math.floor(next() * limit);
  for (let subscriber = 0; subscriber < creators * SUBSCRIBERS_PER_CREATOR; subscriber += 1) {
    const amount = 500 + upTo(9_500);
    const share = next() < 0.1 ? 1.3 / ALLOCATIONS_PER_SUBSCRIBER : 0.9 / ALLOCATIONS_PER_SUBSCRIBER;
    yield {
      subscriber,
      currency: next() < 0.85 ? 'usd' : 'eur',
      amount,
      refunded: next() < 0.02 ? upTo(amount) : 0,
      status: next() < 0.98 ? 'succeeded' : next() < 0.5 ? 'failed' : 'disputed',
      allocations: Array.from({ length: ALLOCATIONS_PER_SUBSCRIBER }, () => ({
        creator: next() < 0.001 ? -1 : upTo(creators),
        amount: Math.floor(amount * share * (0.8 + 0.4 * next())),
        status: next() < 0.99 ? 'active' : 'cancelled',
      })),
    };
  }
}

const at = (index: number): string =>
  `${PERIOD}-${String(1 + (index % 28)).padStart(2, '0')}T${String(index % 24).padStart(2, '0')}:00:00Z`;

/** Writes a dataset directory as docs/data-sources.md describes it. */
export async function writeDataset(directory: string, creators: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeCsv(directory, 'creators.csv', creatorRows(creators));
  await writeCsv(directory, 'subscribers.csv', subscriberRows(creators));
  await writeCsv(directory, 'payments.csv', paymentRows(creators));
  await writeCsv(directory, 'allocations.csv', allocationRows(creators));
  await writeCsv(directory, 'opening.csv', openingRows(creators));
  const policy = {
    period: PERIOD,
    fee_bps: FEE_BPS,
    payout_minimum_minor: { usd: 2_500, eur: 2_500 },
    funding_basis: 'net',
    rail: 'financial-account',
  };
  await writeFile(path.join(directory, 'policy.json'), JSON.stringify(policy));
}

async function writeCsv(directory: string, name: string, lines: Iterable<string>): Promise<void> {
  await pipeline(chunks(lines), createWriteStream(path.join(directory, name)));
}

function* chunks(lines: Iterable<string>): Generator<string> {
  let held = '';
  for (const line of lines) {
    held += `${line}\n`;
    if (held.length < 1 << 18) continue;
    yield held;
    held = '';
  }
  yield held;
}

function* creatorRows(creators: number): Generator<string> {
  yield 'creator_id,display_name,email,stripe_account,hold_reason';
  for (let index = 0; index < creators; index += 1) {
    const hold = index % 997 === 5 ? '"Identity, not confirmed"' : '';
    yield `${creatorId(index)},Creator ${index},creator${index}@example.org,acct_bench${String(index).padStart(8, '0')},${hold}`;
  }
}

function* subscriberRows(creators: number): Generator<string> {
  yield 'subscriber_id,display_name';
  for (let index = 0; index < creators * SUBSCRIBERS_PER_CREATOR; index += 1) {
    yield `${subscriberId(index)},Subscriber ${index}`;
  }
}

function* paymentRows(creators: number): Generator<string> {
  yield 'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at';
  for (const one of subscriptions(creators)) {
    yield `payment_${String(one.subscriber).padStart(8, '0')},${subscriberId(one.subscriber)},${PERIOD},${one.currency},${one.amount},${one.refunded},${one.status},${at(one.subscriber)}`;
  }
}

function* allocationRows(creators: number): Generator<string> {
  yield 'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at';
  let index = 0;
  for (const one of subscriptions(creators)) {
    for (const allocation of one.allocations) {
      const creator = allocation.creator < 0 ? 'creator_unknown' : creatorId(allocation.creator);
      yield `allocation_${String(index).padStart(8, '0')},${subscriberId(one.subscriber)},${creator},${PERIOD},${one.currency},${allocation.amount},${allocation.status},${at(index)}`;
      index += 1;
    }
  }
}

function* openingRows(creators: number): Generator<string> {
  yield 'creator_id,currency,owed_minor';
  for (let index = 0; index < creators; index += 10) yield `${creatorId(index)},usd,${1_000 + (index % 5_000)}`;
}
