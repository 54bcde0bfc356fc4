/**
 * A store as a large platform has it, written straight into the database: 100,000 creators with what they are owed, a month of
 * payouts, and a reading of both balances for each day of 36 months. The same seed gives the same store.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openStore, type Store } from '../../electron/store/store';

export interface LargeStoreOptions {
  readonly creators: number;
  /** Creators with a posted payout of the month, from the first on. */
  readonly payouts: number;
  readonly days: number;
  /** The end of the history. */
  readonly now: Date;
}

export const LARGE: LargeStoreOptions = {
  creators: 100_000,
  payouts: 20_000,
  days: 1_096,
  now: new Date('2026-11-25T12:00:00.000Z'),
};

const FIRST =
  'Ada Amara Bjørn Bram Celeste Chiara Dario Dmitri Elif Esther Farah Felipe Goran Greta Hana Hiro Imani Jakub Keira Liam'.split(
    ' ',
  );
const LAST =
  'Adler Aydın Byrne Carvalho Conti Diallo Dubois Fernández Haddad Hansen Horvat Jiménez Kapoor Lindqvist Moreau Nair Novák Okafor Petrović Rossi'.split(
    ' ',
  );

/** Mulberry32: the same numbers from the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const creatorId = (index: number): string => `c${String(index + 1).padStart(6, '0')}`;

/** The name of the creator at an index; the last of them has a name that nobody else has. */
export function creatorName(index: number, creators: number): string {
  if (index === creators - 1) return 'Zyx Unmistakable';
  return `${FIRST[index % FIRST.length]} ${LAST[Math.floor(index / FIRST.length) % LAST.length]} ${1 + Math.floor(index / 400)}`;
}

/** Makes the folder of an app that has been welcomed to the sandbox and has these books. */
export async function makeLargeStore(userData: string, options: LargeStoreOptions = LARGE): Promise<void> {
  const folder = path.join(userData, 'sandbox');
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(userData, 'app.json'),
    JSON.stringify({ mode: 'sandbox', welcomed: true, operator: 'Mara Lindqvist' }),
  );
  const store = openStore(path.join(folder, 'coffer.db'));
  await store.transaction(async () => {
    writeCreators(store, options);
    writePayouts(store, options);
    writeHistory(store, options);
    store.prepare('INSERT INTO setting VALUES (?, ?)').run('open-period', '2026-11');
    store.prepare('INSERT INTO setting VALUES (?, ?)').run('adopted-at', '2023-11-01T00:00:00.000Z');
  });
  await store.close();
}

function writeCreators(store: Store, { creators }: LargeStoreOptions): void {
  const next = random(7);
  const creator = store.prepare('INSERT INTO creator VALUES (?, ?, ?, ?, ?)');
  const entry = store.prepare('INSERT INTO ledger_entry (tx_id, account, currency, amount) VALUES (?, ?, ?, ?)');
  store
    .prepare('INSERT INTO ledger_transaction VALUES (?, ?, ?, ?, ?, ?)')
    .run('tx-opening', '2026-11-01T00:00:00.000Z', 'opening.obligations', null, null, 'Owed when Coffer took over');
  let total = 0n;
  for (let index = 0; index < creators; index += 1) {
    const id = creatorId(index);
    const owed = BigInt(100 + Math.floor(next() * 90_000));
    total += owed;
    const held = index % 997 === 5 ? 'Identity not confirmed' : '';
    creator.run(id, creatorName(index, creators), `${id}@creators.example`, `acct_${id}`, held);
    entry.run('tx-opening', `owed:${id}`, 'usd', -owed);
  }
  entry.run('tx-opening', 'undistributed', 'usd', total);
}

function writePayouts(store: Store, { payouts }: LargeStoreOptions): void {
  const next = random(11);
  const intent = store.prepare(`INSERT INTO intent VALUES (${Array(22).fill('?').join(', ')})`);
  const event = store.prepare('INSERT INTO intent_event VALUES (?, 1, ?, ?, 1, ?, NULL, NULL, NULL)');
  const state = store.prepare(`INSERT INTO intent_state VALUES (${Array(14).fill('?').join(', ')})`);
  const at = '2026-11-03T12:00:00.000Z';
  for (let index = 0; index < payouts; index += 1) {
    const creator = creatorId(index);
    const id = `in_${String(index).padStart(6, '0')}`;
    const object = `obp_test_${String(index).padStart(8, '0')}`;
    const amount = BigInt(2_500 + Math.floor(next() * 40_000));
    const subject = `pay:2026-10:${creator}:usd`;
    intent.run(
      ...[id, 'pay', 'pay:2026-10', '2026-10-1', subject, '2026-10', creator, 'usd', amount, 'financial-account'],
      ...['sandbox', `acct_${creator}`, 'storage', `acct_${creator}`, `coffer-${id}`, '{}', 'hash'],
      ...['Creator earnings 2026-10', 'Mara Lindqvist', null, null, at],
    );
    event.run(id, at, 'posted', object);
    state.run(id, 'pay', 'pay:2026-10', '2026-10', subject, 'posted', 1, 1, object, null, null, null, at, at);
  }
}

/** Payments and Storage grow over each month and fall with its payouts on the 3rd. */
function writeHistory(store: Store, { days, now }: LargeStoreOptions): void {
  const next = random(13);
  const point = store.prepare(
    'INSERT INTO balance_snapshot VALUES (?, ?, ?, 0, ?, 0, 0, ?, 10000, 0, ?, 0, NULL, 0, 0)',
  );
  for (let back = days - 1; back >= 0; back -= 1) {
    const at = new Date(now.getTime() - back * 86_400_000);
    const day = (at.getUTCDate() + 27) % 31;
    const season = 1 + (days - back) / days;
    const storage = BigInt(Math.round(4_500_000 * season * (0.1 + day / 31) + 20_000 * next()));
    const payments = BigInt(Math.round(1_900_000 * season + 900_000 * (day / 31) + 20_000 * next()));
    point.run(at.toISOString(), 'usd', payments, storage, storage, storage);
  }
}
