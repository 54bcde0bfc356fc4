/** What happens in one month and is felt in another, and news that comes in the middle of a step: nothing is counted twice or lost. */
import { describe, expect, test } from 'vitest';
import { owedTo } from '../../../electron/ledger/accounts';
import { balance } from '../../../electron/ledger/ledger';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import { changeSettings } from '../../../electron/services/change-settings';
import { compareWithStripe } from '../../../electron/services/compare-with-stripe';
import { approveMigration, executeMigration, makePlan } from '../../../electron/services/execute-migration';
import { rollBackMigration } from '../../../electron/services/migration/rollback';
import { migrationView } from '../../../electron/services/migration/view';
import { reopen } from '../../../electron/services/month-end/reopen';
import { resolveException } from '../../../electron/services/reconciliation';
import { followMovements, setHold } from '../../../electron/services/stripe-transfer';
import { resolveSuspense } from '../../../electron/services/suspense';
import { addMonths } from '../../../shared/period/period';
import { later, returnPayoutOfC4, rowsOfC4 } from './later';
import { type Bench, bench, datasetLike, ledgerProblems } from './platform';

/** Stripe sends it back and the books hear of it, when the step comes to the label. */
function returnAt(one: Bench, label: string): void {
  one.atCheckpoint = async (reached) => {
    if (reached !== label) return;
    one.atCheckpoint = () => {};
    await returnPayoutOfC4(one);
    await followMovements(one.context, true);
  };
}

async function migrate(one: Bench): Promise<void> {
  await makePlan(one.context);
  const { plan } = await migrationView(one.context, one.guard);
  const planHash = plan?.planHash ?? '';
  await approveMigration(one.context, planHash);
  await executeMigration(one.context, one.guard, { planHash, typed: plan?.confirmation ?? '', patienceMs: 1_500 });
}

async function rollBack(one: Bench): Promise<void> {
  const { rollbackConfirmation } = await migrationView(one.context, one.guard);
  await rollBackMigration(one.context, one.guard, rollbackConfirmation, 1_500);
}

async function owed(one: Bench, creatorId: string): Promise<bigint> {
  return -(await balance(one.platform.store.db, owedTo(creatorId), 'usd'));
}

describe('Rows that change their month', () => {
  test('a payment and an allocation of the open month that turn out to be of a locked one count once', async () => {
    const one = await bench('worked');
    await one.through('close');
    const next = addMonths(one.period, 1);
    await one.import(await rowsOfC4(next));
    await one.import(await rowsOfC4(one.period));
    await one.through('close', next);
    expect((await one.summary(next)).usd).toMatchObject({ collected: '0', paid: '4650' });
    expect(await one.stripe.received()).toMatchObject({ acct_c4: 9_114n + 4_650n });
    expect(await ledgerProblems(one)).toEqual([]);
  });
});

describe('News in the middle of a step', () => {
  test('a payout that comes back while earnings are calculated is owed in that month', async () => {
    const one = await bench('worked');
    await one.through('close');
    const next = addMonths(one.period, 1);
    await one.import(await rowsOfC4(next));
    await one.through('lock', next);
    returnAt(one, 'earnings.before-posting');
    await one.through('close', next);
    expect((await one.summary(next)).usd).toMatchObject({
      owed_after: '0',
      opening: '9114',
      paid: '13764',
      fund: '4650',
    });
    expect(await owed(one, 'c4')).toBe(0n);
  });

  test('a payout that comes back while the month is being closed is not signed as paid', async () => {
    const one = await bench('worked');
    await one.through('reconcile');
    returnAt(one, 'close.before-writing');
    const outcome = await one.step('close').catch((error: unknown) => error);
    const signed = (await one.summary()).usd;
    expect({
      owed: await owed(one, 'c4'),
      state: await one.state(),
      signed: signed?.owed_after,
      outcome,
    }).toMatchObject({
      owed: 9_114n,
      state: 'reconciled',
    });
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({ owed_after: '9114' });
  });
});

test('a payout that comes back in a month without earnings is funded too', async () => {
  const one = await bench('worked');
  await setHold(one.context, 'c1', 'asked for', 'test');
  await one.through('close');
  const held = await owed(one, 'c1');
  // Somebody takes 50.00 of it out of Storage, and says why.
  await one.release(5_000n);
  await new BalanceMonitor(one.context).poll();
  for (const line of await one.platform.store.db
    .selectFrom('stripe_line')
    .select('stripe_id')
    .where('outcome', '=', 'exception')
    .execute()) {
    await resolveException(one.context, line.stripe_id, 'By mistake');
  }
  const next = addMonths(one.period, 1);
  await one.through('earnings', next);
  await returnPayoutOfC4(one);
  await followMovements(one.context, true);
  await one.through('close', next);
  expect(held).toBeGreaterThan(5_000n);
  expect((await one.summary(next)).usd).toMatchObject({ fund: '5000', storage_after: String(held + 9_114n) });
});

const corrected = (rows: string): string => rows.replace(/(a0004,.*|a0011,.*),active,/g, '$1,cancelled,');

/** Restored books, and data that was corrected since: c4 was paid 13.02 more than is owed now, c1 is owed 46.50 more. */
async function overpaidC4(): Promise<Bench> {
  const one = await bench('worked');
  await one.through('preflight');
  const backup = one.backUp();
  await one.through('close');
  one.clock.advance(2 * 86_400_000);
  await one.restore(backup);
  await compareWithStripe(one.context);
  await one.import(
    await later('worked', {
      payments: 'p90,s001,2026-10,usd,10000,0,succeeded,2026-10-30T10:00:00Z\n',
      allocations: 'a90,s001,c1,2026-10,usd,5000,active,2026-10-30T10:00:00Z\n',
      corrected,
    }),
  );
  return one;
}

test('who was paid too much does not lessen what Storage has to hold for the others, and has it counted later', async () => {
  const one = await overpaidC4();
  await one.through('close');
  expect([await owed(one, 'c1'), await owed(one, 'c4')]).toEqual([4_650n, -1_302n]);
  expect((await one.summary()).usd).toMatchObject({ storage_after: '4650' });
  const next = addMonths(one.period, 1);
  await one.import(
    await later('worked', {
      payments: `p91,s001,${next},usd,10000,0,succeeded,2026-11-03T10:00:00Z\n`,
      allocations: `a91,s001,c2,${next},usd,5000,active,2026-11-03T10:00:00Z\n`,
      corrected,
    }),
  );
  await one.through('close', next);
  expect((await one.summary(next)).usd).toMatchObject({ fund: '4650', paid: '9300', storage_after: '0' });
  expect([await owed(one, 'c1'), await owed(one, 'c2'), await owed(one, 'c4')]).toEqual([0n, 0n, -1_302n]);
});

describe('A reopened month closes again', () => {
  test.each(['utf', null])('after suspense was resolved in the next one (to %s)', async (assignTo) => {
    const one = await bench('edge', { playGuided: true });
    await one.through('close');
    await resolveSuspense(one.context, { creatorId: 'deleted_author', currency: 'usd', assignTo, reason: 'told us' });
    await reopen(one.context, one.period, 'The bank asked');
    await one.through('close');
    const next = addMonths(one.period, 1);
    await one.through('close', next);
    expect(await one.coverage()).toMatchObject({ difference: '0', unexplained: '0' });
  });

  test.each([false, true])('after a migration of the next one (rolled back: %s)', async (back) => {
    const one = await bench('worked', { playGuided: true });
    await one.through('close');
    await one.import(await rowsOfC4(addMonths(one.period, 1)));
    await migrate(one);
    if (back) await rollBack(one);
    await reopen(one.context, one.period, 'The bank asked');
    await one.through('close');
  });
});

describe('A migration of a month that is closed', () => {
  test('is not rolled back: its creators were paid from what it moved', async () => {
    const one = await bench('worked', { playGuided: true });
    await migrate(one);
    await one.through('close');
    const next = addMonths(one.period, 1);
    await one.import(
      await later('worked', {
        payments: `p90,s001,${next},usd,90000,0,succeeded,2026-11-03T10:00:00Z\n`,
        allocations: `a90,s001,c4,${next},usd,90000,active,2026-11-03T10:00:00Z\n`,
      }),
    );
    await one.stripe.control('POST', 'topups', { amount: 90_000, currency: 'usd' });
    await one.through('fund', next);
    const before = await one.stripe.balances();
    await expect(rollBack(one)).rejects.toMatchObject({ code: 'rollback-refused' });
    expect(await one.stripe.balances()).toEqual(before);
    await one.through('close', next);
  });
});

test('the funding basis is not changed while the fee is in Storage: its way back would be asked for by nobody', async () => {
  const one = await bench(await datasetLike('worked', { 'policy.json': { funding_basis: 'gross' } }));
  await one.through('lapse');
  const { blockers } = await one.step('fund');
  expect(blockers.map((blocker) => blocker.code)).toEqual(['guided-usd']);
  const change = changeSettings(one.context, { fundingBasis: 'net' });
  await change.catch(() => one.release(4_900n));
  await one.through('pay');
  await one.through('close');
  await expect(change).rejects.toMatchObject({ code: 'basis-in-use' });
  expect((await one.summary()).usd).toMatchObject({ paid: '65100', storage_after: '0' });
});
