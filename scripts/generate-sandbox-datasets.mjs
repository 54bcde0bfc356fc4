/**
 * Writes the sandbox's datasets into resources/datasets. Seeded: the same bytes every time.
 * Run with `node scripts/generate-sandbox-datasets.mjs` after a change here, and commit what it writes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from './paths.mjs';

const PERIOD = '2026-10';
const FEE_BPS = 700n;

/** @param {number} seed @returns {() => number} numbers in [0, 1), mulberry32 */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FIRST =
  'Ada Bram Chiara Dmitri Elif Farah Goran Hana Ines Jonas Kwame Lucía Mei-Ling Noor Oisín Priya Quentin Rosa Sanna Tomasz Uma Viktor Wren Ximena Yusuf Zoë Amara Bjørn Celeste Dario Esther Felipe Greta Hiro Imani Jakub Keira Liam Maja Nikhil'.split(
    ' ',
  );
const LAST =
  'Okafor Vries Rossi Volkov Demir Haddad Petrović Suzuki Carvalho Lindqvist Mensah Fernández Zhao Rahman Byrne Nair Dubois Jiménez Virtanen Nowak Iyer Szabó Adler Ríos Aydın Ångström Diallo Hansen Moreau Conti Klein Souza Weber Tanaka Kamau Novák Walsh Murphy Horvat Kapoor'.split(
    ' ',
  );

/** @param {readonly (readonly (string | number | bigint)[])[]} rows */
const csv = (rows) =>
  rows
    .map((row) =>
      row.map((cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(','),
    )
    .join('\n')
    .concat('\n');

/** @param {string} name @param {Record<string, string>} files */
function write(name, files) {
  const folder = path.join(projectRoot, 'resources/datasets', name);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content);
}

/** @param {bigint} gross */
const netOf = (gross) => gross - (gross * FEE_BPS + 5000n) / 10000n;

/**
 * @param {{ name: string, seed: number, creators: number, subscribers: Record<string, number>, price: Record<string, bigint>,
 *   obligations: Record<string, bigint>, payments: Record<string, number>, pending: Record<string, number>,
 *   storage: (opening: Record<string, bigint>) => Record<string, number>, minimum: Record<string, number> }} plan
 */
function dataset(plan) {
  const next = random(plan.seed);
  const pick = (/** @type {number} */ count) => Math.floor(next() * count);
  const creators = Array.from({ length: plan.creators }, (_, index) => {
    const id = `c${String(index + 1).padStart(3, '0')}`;
    const name = `${FIRST[index % FIRST.length]} ${LAST[(index * 7 + Math.floor(index / FIRST.length)) % LAST.length]}`;
    const account = index === 6 ? '' : `acct_${id}`;
    const hold = index === 11 ? 'Bank details being verified' : '';
    return [id, name, `${id}@creators.example`, account, hold];
  });
  const subscribers = [];
  const payments = [];
  const allocations = [];
  /** @type {Map<string, bigint>} */
  const gross = new Map();
  let suspense = 0n;
  let number = 0;
  for (const [currency, count] of Object.entries(plan.subscribers)) {
    for (let index = 0; index < count; index++) {
      number += 1;
      const id = `s${String(number).padStart(4, '0')}`;
      subscribers.push([id, `${FIRST[pick(FIRST.length)]} ${LAST[pick(LAST.length)]}`]);
      const amount = plan.price[currency] ?? 1200n;
      const day = String(1 + pick(24)).padStart(2, '0');
      const status = number % 97 === 0 ? 'failed' : number % 89 === 0 ? 'disputed' : 'succeeded';
      const refunded = status === 'succeeded' && number % 61 === 0 ? amount / 2n : 0n;
      payments.push([
        `ch_${id}`,
        id,
        PERIOD,
        currency,
        amount,
        refunded,
        status,
        `${PERIOD}-${day}T09:${String(pick(60)).padStart(2, '0')}:00Z`,
      ]);
      const funds = status === 'succeeded' ? amount - refunded : 0n;
      let left = funds;
      const usage = next();
      const wanted = usage < 0.12 ? 0 : usage < 0.35 ? 1 : usage < 0.8 ? 2 : 3;
      for (let k = 0; k < wanted && left > 0n; k++) {
        const share = k === wanted - 1 && usage > 0.55 ? left : (funds * BigInt(20 + pick(30))) / 100n;
        const give = share > left ? left : share;
        if (give === 0n) continue;
        const unknown = number % 131 === 0 && k === 0;
        const creator = unknown ? 'closed-profile' : String(creators[Math.floor(next() ** 1.6 * plan.creators)]?.[0]);
        allocations.push([
          `al_${id}_${k}`,
          id,
          creator,
          PERIOD,
          currency,
          give,
          'active',
          `${PERIOD}-${String(2 + pick(27)).padStart(2, '0')}T18:${String(pick(60)).padStart(2, '0')}:00Z`,
        ]);
        left -= give;
        const key = `${creator}|${currency}`;
        if (unknown) suspense += give;
        else gross.set(key, (gross.get(key) ?? 0n) + give);
      }
    }
  }
  /** @type {(string | bigint)[][]} */
  const opening = [];
  /** @type {Record<string, bigint>} */
  const openingTotals = {};
  for (const [currency, total] of Object.entries(plan.obligations)) {
    let earned = currency === 'usd' ? suspense : 0n;
    for (const [key, amount] of gross) if (key.endsWith(`|${currency}`)) earned += netOf(amount);
    let left = total - earned;
    if (left < 0n) throw new Error(`${plan.name}: ${currency} earns more than the obligations (${earned})`);
    openingTotals[currency] = left;
    const holders = creators.filter((_, index) => index % 3 !== 1).map((row) => String(row[0]));
    holders.forEach((id, index) => {
      if (left === 0n) return;
      const last = index === holders.length - 1;
      const part = BigInt(1 + pick(99));
      const amount = last ? left : ((total - earned) * part) / BigInt(holders.length * 52);
      const given = amount > left ? left : amount;
      if (given === 0n) return;
      opening.push([id, currency, given]);
      left -= given;
    });
    if (left > 0n) throw new Error(`${plan.name}: ${currency} ${left} is left over`);
  }
  write(plan.name, {
    'creators.csv': csv([['creator_id', 'display_name', 'email', 'stripe_account', 'hold_reason'], ...creators]),
    'subscribers.csv': csv([['subscriber_id', 'display_name'], ...subscribers]),
    'payments.csv': csv([
      ['payment_id', 'subscriber_id', 'period', 'currency', 'amount_minor', 'refunded_minor', 'status', 'paid_at'],
      ...payments,
    ]),
    'allocations.csv': csv([
      ['allocation_id', 'subscriber_id', 'creator_id', 'period', 'currency', 'amount_minor', 'status', 'updated_at'],
      ...allocations,
    ]),
    'opening.csv': csv([['creator_id', 'currency', 'owed_minor'], ...opening]),
    'policy.json': `${JSON.stringify({ period: PERIOD, fee_bps: Number(FEE_BPS), payout_minimum_minor: plan.minimum, funding_basis: 'net', rail: 'financial-account' }, null, 2)}\n`,
    'stripe.json': `${JSON.stringify({ payments_available: plan.payments, payments_pending: plan.pending, storage_available: plan.storage(openingTotals), payouts_disabled: ['acct_c018'] }, null, 2)}\n`,
  });
}

// One mixed balance of 10,000.00 that owes 7,000.00 to creators: it becomes 3,000.00 and 7,000.00.
dataset({
  name: 'mixed',
  seed: 11,
  creators: 46,
  subscribers: { usd: 310 },
  price: { usd: 1200n },
  obligations: { usd: 700000n },
  payments: { usd: 1000000 },
  pending: { usd: 24600 },
  storage: () => ({ usd: 0 }),
  minimum: { usd: 2500 },
});

// A platform that was separated long ago: what was owed before is in Storage, the month's earnings are still in Payments.
dataset({
  name: 'separated',
  seed: 23,
  creators: 64,
  subscribers: { usd: 420, eur: 160 },
  price: { usd: 1500n, eur: 1400n },
  obligations: { usd: 820000n, eur: 260000n },
  payments: { usd: 1184000, eur: 402000 },
  pending: { usd: 31500, eur: 8400 },
  storage: (opening) =>
    Object.fromEntries(Object.entries(opening).map(([currency, amount]) => [currency, Number(amount)])),
  minimum: { usd: 2500, eur: 2500 },
});
