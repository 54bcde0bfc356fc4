/** Books without a network: a real store, in memory unless a path is given, and the real rails, which only prepare requests here. */
import type { NewIntent } from '../../../electron/journal/intent';
import type { JournalContext } from '../../../electron/journal/journal';
import { createRail, type RailName } from '../../../electron/rails';
import { openStore, type Store } from '../../../electron/store/store';
import { createStripeClient } from '../../../electron/stripe/client';
import { currency } from '../../../shared/money/money';

export const USD = currency('usd');

export interface Books {
  readonly store: Store;
  readonly context: JournalContext;
}

export async function openBooks(rail: RailName = 'financial-account', path = ':memory:'): Promise<Books> {
  const store = openStore(path);
  const client = createStripeClient({
    key: 'sk_test_unit00000000000000000000',
    baseUrl: 'http://127.0.0.1:9',
    limiter: {
      acquire: async () => {
        throw new Error('Nothing is sent here');
      },
      pace: 0,
      waiting: 0,
    },
    now: () => 0,
  });
  let id = 0;
  return {
    store,
    context: {
      store,
      rail: await createRail(rail, client, { storageAccount: 'fa_test_1' }),
      mode: 'sandbox',
      now: () => new Date('2026-11-02T09:00:00.000Z'),
      newId: () => `id-${String(++id).padStart(6, '0')}`,
      actor: () => 'Test',
      checkpoint: async () => {},
    },
  };
}

export function order(kind: NewIntent['kind'], subject: string, amount = 1_000n): NewIntent {
  return {
    kind,
    run: 'run',
    batch: 'run-1',
    subject,
    period: '2026-10',
    creatorId: kind === 'pay' ? 'c1' : null,
    currency: USD,
    amount,
    stripeAccount: kind === 'pay' ? 'acct_c1' : null,
    description: `A ${kind}`,
    approvedHash: null,
    retryOf: null,
  };
}

/** Every account with its balance; debits positive. */
export async function accounts({ store }: Books): Promise<Record<string, bigint>> {
  const rows = await store.db
    .selectFrom('ledger_balance')
    .selectAll()
    .where('balance', '<>', 0n)
    .orderBy('account')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.account, row.balance]));
}

/** How much was ever written: it must not grow when something is refused. */
export async function written({ store }: Books): Promise<string> {
  const counts: string[] = [];
  for (const table of ['intent', 'intent_event', 'ledger_transaction', 'ledger_entry', 'audit_event'] as const) {
    const { count } = await store.db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .executeTakeFirstOrThrow();
    counts.push(`${table} ${count}`);
  }
  const states = await store.db.selectFrom('intent_state').selectAll().orderBy('intent_id').execute();
  return JSON.stringify([counts, states], (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
