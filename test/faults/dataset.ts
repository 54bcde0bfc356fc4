/**
 * Small random datasets, decided by a seed: 3 to 8 creators, some held, without an account, refused by Stripe, below the minimum or
 * unknown; one or two currencies; openings; failed, refunded and disputed payments; Storage empty, partly filled or too full.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from './random';

export const PERIOD = '2026-10';

export type RailName = 'financial-account' | 'earmark';

export interface DatasetShape {
  readonly seed: number;
  readonly rail: RailName;
  readonly basis: 'net' | 'gross';
}

/** The rail and the basis go round with the seed, so that any four seeds in a row have all four. */
export function shapeOf(seed: number): DatasetShape {
  return { seed, rail: seed % 4 === 3 ? 'earmark' : 'financial-account', basis: seed % 2 === 1 ? 'gross' : 'net' };
}

const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.join(',')}\n`).join('');

/** Writes the dataset of a seed to `directory`. The same seed gives the same files. */
export async function writeDataset(directory: string, shape: DatasetShape): Promise<void> {
  const random = new Random(shape.seed * 7_919 + 17);
  const currencies = random.chance(0.4) ? ['usd', 'eur'] : ['usd'];
  const creators = Array.from({ length: random.int(3, 8) }, (_, index) => `c${index + 1}`);
  const subscribers = Array.from({ length: random.int(3, 9) }, (_, index) => `s${index + 1}`);

  const disabled: string[] = [];
  const creatorRows = creators.map((id, index) => {
    // The first can always be paid, so that every dataset has a payout.
    const account = index > 0 && random.chance(0.12) ? '' : `acct_${id}`;
    if (account !== '' && index > 0 && random.chance(0.12)) disabled.push(account);
    const hold = index > 0 && random.chance(0.15) ? 'dispute open' : '';
    return [id, `Creator ${index + 1}`, `${id}@example.com`, account, hold];
  });

  const payments: (string | number)[][] = [];
  const allocations: (string | number)[][] = [];
  const collected = new Map<string, number>();
  let number = 0;
  for (const subscriber of subscribers) {
    const currency = random.pick(currencies);
    for (let count = random.int(1, 2); count > 0; count--) {
      const amount = random.int(1_000, 30_000);
      const status = random.chance(0.08) ? 'failed' : random.chance(0.06) ? 'disputed' : 'succeeded';
      const refunded = random.chance(0.15) ? random.int(0, amount) : 0;
      number += 1;
      payments.push([`p${number}`, subscriber, PERIOD, currency, amount, refunded, status, `${PERIOD}-03T10:00:00Z`]);
      if (status === 'succeeded') collected.set(currency, (collected.get(currency) ?? 0) + amount - refunded);
    }
    for (let count = random.int(0, 4); count > 0; count--) {
      const creator = random.chance(0.07) ? 'nobody-knows' : random.pick(creators);
      const status = random.chance(0.08) ? 'cancelled' : 'active';
      allocations.push([
        `a${allocations.length + 1}`,
        subscriber,
        creator,
        PERIOD,
        currency,
        random.int(100, 12_000),
        status,
        `${PERIOD}-20T12:00:00Z`,
      ]);
    }
  }
  // One payout at least in every dataset, whatever was drawn above.
  payments.push(['p0', 's1', PERIOD, 'usd', 9_000, 0, 'succeeded', `${PERIOD}-04T10:00:00Z`]);
  allocations.push(['a0', 's1', 'c1', PERIOD, 'usd', 5_000, 'active', `${PERIOD}-21T12:00:00Z`]);

  const openings = new Map<string, number>();
  const openingRows: (string | number)[][] = [];
  for (const creator of creators) {
    for (const currency of currencies) {
      if (!random.chance(0.4)) continue;
      const owed = random.int(1, 20_000);
      openingRows.push([creator, currency, owed]);
      openings.set(currency, (openings.get(currency) ?? 0) + owed);
    }
  }

  const available: Record<string, number> = {};
  const pending: Record<string, number> = {};
  const storage: Record<string, number> = {};
  for (const currency of currencies) {
    const owed = openings.get(currency) ?? 0;
    const separated = shape.rail === 'earmark' ? 0 : random.pick([0, 0, Math.floor(owed / 2), owed, owed + 300_000]);
    storage[currency] = separated;
    available[currency] = owed + (collected.get(currency) ?? 0) + random.int(20_000, 60_000);
    if (random.chance(0.3)) pending[currency] = random.int(1, 5_000);
  }

  await mkdir(directory, { recursive: true });
  const files: Readonly<Record<string, string>> = {
    'creators.csv': csv([['creator_id', 'display_name', 'email', 'stripe_account', 'hold_reason'], ...creatorRows]),
    'subscribers.csv': csv([['subscriber_id', 'display_name'], ...subscribers.map((id) => [id, `Subscriber ${id}`])]),
    'payments.csv': csv([
      'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at'.split(','),
      ...payments,
    ]),
    'allocations.csv': csv([
      'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at'.split(','),
      ...allocations,
    ]),
    'opening.csv': csv([['creator_id', 'currency', 'owed_minor'], ...openingRows]),
    'policy.json': JSON.stringify({
      period: PERIOD,
      fee_bps: random.pick([0, 700, 1_234]),
      payout_minimum_minor: Object.fromEntries(currencies.map((currency) => [currency, random.pick([0, 500, 2_500])])),
      funding_basis: shape.basis,
      rail: shape.rail,
    }),
    'stripe.json': JSON.stringify({
      payments_available: available,
      payments_pending: pending,
      storage_available: storage,
      payouts_disabled: disabled,
    }),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
}
