/** A person chooses which account is Storage; it never changes under the money, and never by itself. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmbeddedStripe } from '../../../electron/sandbox';
import { listAudit } from '../../../electron/services/audit';
import { openPlatform } from '../../../electron/services/platform';
import { chooseStorageAccount, storageAccountsView } from '../../../electron/services/storage-account';
import { move, readBalances } from '../../../electron/services/stripe-storage-balance';
import { currency } from '../../../shared/money/money';
import { KEY, temporaryFolder } from './platform';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Books of their own over an embedded Stripe whose first financial account holds `storage` US cents. */
async function accountantAt({ storage }: { storage: string }) {
  const stripe = await startEmbeddedStripe({
    seed: {
      payments_available: { usd: '100000' },
      storage_available: { usd: storage },
      accounts: [{ id: 'acct_ada', payouts_enabled: true }],
    },
    settlementDelayMs: 0,
  });
  closing.push(() => stripe.close());
  const platform = await openPlatform({
    storePath: join(await temporaryFolder(), 'coffer.db'),
    mode: 'sandbox',
    baseUrl: stripe.url,
    key: async () => KEY,
    actor: () => 'Test',
    publish: () => {},
  });
  closing.push(() => platform.close());
  const control = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const reply = await fetch(`${stripe.url}/_sandbox/${path}`, {
      method,
      headers: { 'x-coffer-sandbox': '1' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return reply.json();
  };
  return {
    platform,
    control,
    context: () => platform.context,
    connect: () => platform.connect(),
    first: String((await control('GET', 'state')).financial_account),
    openAnother: async (name: string) =>
      String((await control('POST', 'financial_accounts', { display_name: name })).id),
  };
}

describe('the storage account', () => {
  it('is the only open one until there are two; then nothing moves until a person chooses, and the choice is audited', async () => {
    const { context, connect, openAnother, first } = await accountantAt({ storage: '0' });
    expect(await storageAccountsView(context())).toMatchObject({ chosen: null, inUse: first });
    const second = await openAnother('Reserve');
    await connect();
    const view = await storageAccountsView(context());
    expect(view.inUse).toBeNull();
    expect(view.accounts.map((account) => account.id).sort()).toEqual([first, second].sort());
    await expect(readBalances(context())).rejects.toThrow('none is chosen');

    await chooseStorageAccount(context(), first);
    await connect();
    expect(await storageAccountsView(context())).toMatchObject({ chosen: first, inUse: first });
    expect(await readBalances(context())).not.toEqual([]);
    const { rows } = await listAudit(context().store.db, { offset: 0, limit: 5 });
    expect(rows[0]).toMatchObject({ action: 'settings.storage-account', subject: first });
  });

  it('is not changed while it holds money, and the refusal says how much', async () => {
    const { context, connect, openAnother, first } = await accountantAt({ storage: '12345' });
    const second = await openAnother('Reserve');
    await chooseStorageAccount(context(), first);
    await connect();
    await expect(chooseStorageAccount(context(), second)).rejects.toMatchObject({
      code: 'storage-account-in-use',
      message: `The present storage account ${first} still holds 123.45 USD. Nothing was changed.`,
    });
    expect(await storageAccountsView(context())).toMatchObject({ chosen: first });
  });

  it('may be changed when it is empty, and only to an account that is open', async () => {
    const { context, connect, openAnother, first } = await accountantAt({ storage: '0' });
    const second = await openAnother('Reserve');
    await chooseStorageAccount(context(), first);
    await chooseStorageAccount(context(), second);
    await connect();
    expect(await storageAccountsView(context())).toMatchObject({ chosen: second, inUse: second });
    await expect(chooseStorageAccount(context(), 'fa_test_none')).rejects.toMatchObject({
      code: 'storage-account-not-open',
    });
  });

  it('stays the one the books moved money to when another is opened and nobody chose', async () => {
    const { context, connect, openAnother, first, control } = await accountantAt({ storage: '0' });
    await move(
      context(),
      [
        {
          kind: 'fund',
          run: 'r1',
          batch: 'b1',
          subject: 's1',
          period: '2026-10',
          creatorId: null,
          currency: currency('usd'),
          amount: 500n,
          stripeAccount: null,
          description: 'October',
          approvedHash: null,
          retryOf: null,
        },
      ],
      { shouldStop: () => false, onSettled: () => {}, sleep: async () => {} },
    );
    await openAnother('Reserve');
    await connect();
    expect(await storageAccountsView(context())).toMatchObject({ chosen: null, inUse: first });
    // Even when the other one is the only open account left.
    await control('POST', 'settings', { financial_account_status: 'closed' });
    await connect();
    expect(await storageAccountsView(context())).toMatchObject({ inUse: first });
    expect(
      (await context().rail.findings([currency('usd')])).find(({ outcome }) => outcome === 'blocker'),
    ).toMatchObject({
      code: 'storage-account',
      detail: `The financial account ${first} is closed, not open.`,
    });
  });
});
