/**
 * Which account at Stripe is Storage. A person chooses when there are several; where the books have already moved money to
 * one, that one stays Storage until a person chooses another, whatever else is opened or closed at Stripe.
 */
import type { StorageAccountsView } from '../../shared/contract/settings';
import { CofferError } from '../../shared/domain/coffer-error';
import { amountText } from '../../shared/money/amount-text';
import { parseCurrency } from '../../shared/money/money';
import { appendAudit } from '../journal/audit-chain';
import { OPEN_STATES } from '../journal/intent';
import { listIntents } from '../journal/journal';
import type { StorageAccount } from '../rails/segregation-rail';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';
import { readChosenStorageAccount, writeChosenStorageAccount } from './settings';

/** The chosen account, else the one the books last moved money to; null: not settled yet, the only open one will do. */
export async function readStorageAccount(db: Queries): Promise<string | null> {
  return (await readChosenStorageAccount(db)) ?? (await lastFunded(db));
}

async function lastFunded(db: Queries): Promise<string | null> {
  const row = await db
    .selectFrom('intent')
    .select('request')
    .where('kind', 'in', ['fund', 'canary'])
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const account: unknown = row === undefined ? null : JSON.parse(row.request).params?.payout_method;
  return typeof account === 'string' ? account : null;
}

/** Throws `StripeUnavailable` when Stripe cannot be read. */
export async function storageAccountsView(context: ServiceContext): Promise<StorageAccountsView> {
  const { db } = context.store;
  const accounts = await context.rail.storageAccounts();
  const chosen = await readChosenStorageAccount(db);
  return {
    chosen,
    inUse: await accountInUse(db, accounts),
    accounts: accounts.map((account) => ({
      id: account.id,
      name: account.name,
      open: account.open,
      currencies: [...account.currencies],
      balances: account.balances.map((one) => ({
        currency: one.currency,
        available: String(one.available),
        inbound: String(one.inbound),
        outbound: String(one.outbound),
      })),
    })),
  };
}

async function accountInUse(db: Queries, accounts: readonly StorageAccount[]): Promise<string | null> {
  const settled = await readStorageAccount(db);
  if (settled !== null) return settled;
  const open = accounts.filter((account) => account.open);
  return open.length === 1 ? (open[0]?.id ?? null) : null;
}

/**
 * Makes `id` Storage from now on; the caller connects again. Refused with `CofferError` while the present Storage holds
 * money or a movement is under way: what is owed would be in one account and Coffer would look into another.
 */
export async function chooseStorageAccount(context: ServiceContext, id: string): Promise<void> {
  const { db } = context.store;
  const accounts = await context.rail.storageAccounts();
  const wanted = accounts.find((account) => account.id === id);
  if (wanted === undefined || !wanted.open) {
    throw new CofferError(
      'storage-account-not-open',
      wanted === undefined
        ? `Stripe knows no financial account ${id}.`
        : `${wanted.name} (${id}) is not open at Stripe.`,
      'Choose an open financial account, or open it in the Stripe dashboard under Balances.',
    );
  }
  const before = await accountInUse(db, accounts);
  if (before !== null && before !== id) await refuseWhileInUse(context, before, accounts);
  if ((await readChosenStorageAccount(db)) === id) return;
  await context.store.transaction(async (tx) => {
    await writeChosenStorageAccount(tx, id);
    await appendAudit(tx, {
      at: context.now(),
      actor: context.actor(),
      action: 'settings.storage-account',
      subject: id,
      payload: {
        before: before ?? '',
        after: id,
        name: wanted.name,
        open: String(accounts.filter((one) => one.open).length),
      },
    });
  });
}

async function refuseWhileInUse(
  context: ServiceContext,
  before: string,
  accounts: readonly StorageAccount[],
): Promise<void> {
  const held = accounts
    .find((account) => account.id === before)
    ?.balances.flatMap(({ currency, available, inbound, outbound }) => {
      const amount = available + inbound + outbound;
      const code = parseCurrency(currency);
      return amount === 0n ? [] : [code === undefined ? `money in ${currency}` : amountText(amount, code)];
    });
  if (held !== undefined && held.length > 0) {
    throw new CofferError(
      'storage-account-in-use',
      `The present storage account ${before} still holds ${held.join(' and ')}. Nothing was changed.`,
      'Pay or release what is in it first; then choose the other account.',
    );
  }
  const open = (await listIntents(context.store.db, { states: OPEN_STATES })).length;
  if (open > 0) {
    throw new CofferError(
      'storage-account-in-use',
      `${open === 1 ? '1 movement is' : `${open} movements are`} under way with the present storage account ${before}. Nothing was changed.`,
      'Wait for their outcome under Payouts or Month end; then choose the other account.',
    );
  }
}
