/** Generated lines at Stripe with the payouts in the books that half of them belong to, the same each time. */
import { randomUUID } from 'node:crypto';
import { RAILS } from '../../electron/rails';
import { NOT_CONFIGURED, NoConnectionRail } from '../../electron/rails/no-connection';
import type { StripeLine } from '../../electron/rails/segregation-rail';
import type { ServiceContext } from '../../electron/services/context';
import type { LineToMatch, MovementToMatch } from '../../electron/services/reconciliation/verdicts';
import { nextTurn } from '../../electron/store/chunks';
import type { Store } from '../../electron/store/store';
import { currency } from '../../shared/money/money';

/** When all of it is looked at. */
export const LINES_AT = Date.parse('2026-11-05T09:00:00Z');
const DAY_MS = 86_400_000;
const USD = currency('usd');

const LINES_PER_PAGE = 100;

/** Every second line is a payout's; of 1,000 payouts one has another amount, one no line, and of 1,000 lines one is somebody else's. */
function kindOf(index: number): 'charge' | 'payout' | 'other-amount' | 'no-line' | 'foreign' {
  if (index % 1_000 === 1) return 'other-amount';
  if (index % 1_000 === 3) return 'no-line';
  if (index % 1_000 === 5) return 'foreign';
  return index % 2 === 0 ? 'charge' : 'payout';
}

const amountOf = (index: number): number => 2_500 + (index % 10_007);
/** One piece in memory, as a text that was read; what JavaScript puts together is a chain of pieces until it is looked at. */
const text = (pieces: string): string => Buffer.from(pieces).toString('latin1');
const id = (prefix: string, index: number): string => text(`${prefix}_${String(index).padStart(16, '0')}`);
const payoutObject = (index: number): string => id('obp_test', index);
const atOf = (index: number): number => LINES_AT - DAY_MS - (index % 100_000) * 1_000;

export function* stripeLines(count: number): Generator<StripeLine> {
  for (let index = 0; index < count; index += 1) {
    const kind = kindOf(index);
    if (kind === 'no-line') continue;
    const charge = kind === 'charge';
    yield {
      stripeId: id(charge ? 'txn' : 'trxn', index),
      side: charge ? 'payments' : 'storage',
      type: charge ? 'charge' : 'outbound_payment',
      currency: USD,
      amount: BigInt(charge ? amountOf(index) : -amountOf(index) - (kind === 'other-amount' ? 1 : 0)),
      createdAt: new Date(atOf(index)),
      source: charge ? id('ch', index) : kind === 'foreign' ? id('obp_foreign', index) : payoutObject(index),
      description: '',
    };
  }
}

export function linesToMatch(count: number): LineToMatch[] {
  return Array.from(stripeLines(count), ({ side, stripeId, type, currency: code, amount, source, createdAt }) => ({
    side,
    stripeId,
    type,
    currency: code,
    amount,
    source,
    at: createdAt.getTime(),
    late: false,
    decided: null,
  }));
}

const isPaid = (index: number): boolean => !['charge', 'foreign'].includes(kindOf(index));

export function movementsToMatch(count: number): MovementToMatch[] {
  return Array.from({ length: count }, (_, index) => index)
    .filter(isPaid)
    .map((index) => ({
      intentId: id('intent', index),
      batch: 'pay:2026-10|2026-10-1',
      currency: USD,
      state: 'posted',
      objects: [payoutObject(index)],
      guided: false,
      effects: [{ side: 'storage', amount: BigInt(-amountOf(index)) }],
      corrected: [],
      from: atOf(index),
      until: atOf(index),
    }));
}

class ListedLines extends NoConnectionRail {
  readonly #count: number;

  constructor(count: number) {
    super(RAILS['financial-account'], NOT_CONFIGURED);
    this.#count = count;
  }

  override async *lines(): AsyncIterable<StripeLine> {
    let listed = 0;
    for (const line of stripeLines(this.#count)) {
      // Stripe gives a page at a time.
      if (listed % LINES_PER_PAGE === 0) await nextTurn();
      listed += 1;
      yield line;
    }
  }
}

/** Writes the payouts; then as many lines are there to be read. */
export async function listedAtStripe(store: Store, count: number): Promise<ServiceContext> {
  await store.transaction(async () => writePayouts(store, count));
  return {
    store,
    rail: new ListedLines(count),
    mode: 'sandbox',
    now: () => new Date(LINES_AT),
    stripeNow: () => new Date(LINES_AT),
    newId: randomUUID,
    actor: () => 'Bench',
    checkpoint: async () => {},
    sleep: async () => {},
    publish: () => {},
    playGuided: null,
    signer: () => Promise.reject(new Error('Nothing is signed here')),
    ownAuditKey: async () => null,
    checkpointFolder: null,
  };
}

function writePayouts(store: Store, count: number): void {
  store.prepare('INSERT INTO setting VALUES (?, ?)').run('adopted-at', '2026-10-01T00:00:00.000Z');
  store.prepare('INSERT INTO setting VALUES (?, ?)').run('open-period', '2026-11');
  const intent = store.prepare(`INSERT INTO intent VALUES (${Array(22).fill('?').join(', ')})`);
  const event = store.prepare('INSERT INTO intent_event VALUES (?, 1, ?, ?, 1, ?, NULL, NULL, NULL)');
  const state = store.prepare(`INSERT INTO intent_state VALUES (${Array(14).fill('?').join(', ')})`);
  for (let index = 0; index < count; index += 1) {
    if (!isPaid(index)) continue;
    const intentId = id('intent', index);
    const creator = `creator_${index}`;
    const subject = `pay:2026-10:${creator}:usd`;
    const at = new Date(atOf(index)).toISOString();
    intent.run(
      ...[intentId, 'pay', 'pay:2026-10', '2026-10-1', subject, '2026-10', creator, 'usd', BigInt(amountOf(index))],
      ...[
        'financial-account',
        'sandbox',
        `acct_${index}`,
        'storage',
        `acct_${index}`,
        `coffer-${intentId}`,
        '{}',
        'hash',
      ],
      ...['Creator earnings 2026-10', 'Bench', null, null, at],
    );
    event.run(intentId, at, 'posted', payoutObject(index));
    state.run(
      ...[intentId, 'pay', 'pay:2026-10', '2026-10', subject, 'posted', 1, 1, payoutObject(index)],
      ...[null, null, null, at, at],
    );
  }
}
