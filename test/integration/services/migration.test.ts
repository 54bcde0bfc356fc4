/** From one mixed balance to Payments and Storage: 10,000.00, of which 7,000.00 is owed, becomes 3,000.00 and 7,000.00. */
import { describe, expect, test } from 'vitest';
import { listIntents } from '../../../electron/journal/journal';
import { approveMigration, executeMigration, makePlan } from '../../../electron/services/execute-migration';
import { rollBackMigration } from '../../../electron/services/migration/rollback';
import { migrationCertificate, migrationView } from '../../../electron/services/migration/view';
import { planMovements } from '../../../electron/services/storage-balance-migration';
import { type Bench, bench, datasetLike, fingerprint, ledgerProblems } from './platform';

const PAYOUTS = '/v1/payouts';
const BEFORE = { payments: 1_000_000n, storage: 0n };
const AFTER = { payments: 300_000n, storage: 700_000n };
const TYPED = '7000.00 2026-10';

async function planned(one: Bench): Promise<string> {
  await makePlan(one.context);
  const { plan } = await migrationView(one.context, one.guard);
  if (plan === null) throw new Error('No plan');
  return plan.planHash;
}

async function execute(one: Bench, planHash: string, typed = TYPED): Promise<void> {
  await executeMigration(one.context, one.guard, { planHash, typed, patienceMs: 1_500 });
}

/** Plans, approves and executes. */
async function migrate(one: Bench): Promise<string> {
  const planHash = await planned(one);
  await approveMigration(one.context, planHash);
  await execute(one, planHash);
  return planHash;
}

const view = (one: Bench) => migrationView(one.context, one.guard);

async function expectMigrated(one: Bench): Promise<void> {
  expect(await one.stripe.balances()).toEqual(AFTER);
  expect((await view(one)).state).toBe('completed');
  expect((await one.stripe.payouts()).map((payout) => payout.amount)).toHaveLength(5);
  expect(await one.coverage()).toEqual({
    coverageBps: 10_000,
    difference: '0',
    unexplained: '0',
    owed: '700000',
    storageAvailable: '700000',
  });
  expect(await ledgerProblems(one)).toEqual([]);
}

describe('The plan', () => {
  test('the smallest obligation goes first as a canary, the rest in chunks, and they sum to the delta', () => {
    expect(planMovements('usd', 700_000n, 10_769n, 200_000n).map((one) => [one.kind, one.amount])).toEqual([
      ['canary', 10_769n],
      ['fund', 200_000n],
      ['fund', 200_000n],
      ['fund', 200_000n],
      ['fund', 89_231n],
    ]);
    expect(planMovements('usd', 5n, 10n, 200n).map((one) => one.amount)).toEqual([5n]);
    expect(planMovements('usd', 1n, 1n, 1n)).toHaveLength(1);
    expect(planMovements('usd', 500n, 0n, 0n).map((one) => one.amount)).toEqual([500n]);
    for (const delta of [0n, -1n]) expect(planMovements('usd', delta, 1n, 1n)).toEqual([]);
  });

  test('the dry run states before and after to the cent and moves nothing', async () => {
    const one = await bench('migration');
    await makePlan(one.context);
    const { plan, state } = await view(one);
    expect(state).toBe('planned');
    expect(plan?.before).toEqual([{ currency: 'usd', payments: '1000000', storage: '0', obligations: '700000' }]);
    expect(plan?.after).toEqual([{ currency: 'usd', payments: '300000', storage: '700000', obligations: '700000' }]);
    expect(plan?.delta).toEqual([{ currency: 'usd', amount: '700000' }]);
    expect(plan?.creators).toBe(25);
    expect(await one.stripe.balances()).toEqual(BEFORE);
    expect(await one.stripe.payouts()).toEqual([]);
  });

  test('only the delta moves: what Storage holds already stays', async () => {
    const one = await bench(
      await datasetLike('migration', {
        'stripe.json': { payments_available: { usd: 600_000 }, storage_available: { usd: 400_000 } },
      }),
    );
    const hash = await planned(one);
    await approveMigration(one.context, hash);
    await execute(one, hash, '3000.00 2026-10');
    expect(await one.stripe.balances()).toEqual(AFTER);
  });

  test('obligations are the opening and what the open month has earned so far, suspense included, in each currency', async () => {
    const one = await bench('edge');
    await makePlan(one.context);
    const { plan } = await view(one);
    expect(plan?.delta).toEqual([
      { currency: 'jpy', amount: '4943' },
      { currency: 'usd', amount: '160769' },
    ]);
    expect(plan?.confirmation).toBe('4943 JPY + 1607.69 USD 2026-10');
  });
});

describe('The execution', () => {
  test('10,000.00 becomes 3,000.00 and 7,000.00, with a certificate that says so', async () => {
    const one = await bench('migration');
    const hash = await migrate(one);
    await expectMigrated(one);
    const certificate = await migrationCertificate(one.context);
    expect(certificate).toMatchObject({ planHash: hash, approvedBy: 'Test', period: '2026-10', mode: 'sandbox' });
    expect(certificate?.before).toEqual([
      { currency: 'usd', payments: '1000000', storage: '0', obligations: '700000' },
    ]);
    expect(certificate?.after).toEqual([
      { currency: 'usd', payments: '300000', storage: '700000', obligations: '700000' },
    ]);
    expect(
      certificate?.operations.map((operation) => [operation.kind, operation.status, operation.stripeObject !== null]),
    ).toEqual([
      ['canary', 'posted', true],
      ['fund', 'posted', true],
      ['fund', 'posted', true],
      ['fund', 'posted', true],
      ['fund', 'posted', true],
    ]);
    expect(certificate?.checks.map((check) => check.outcome)).not.toContain('blocker');
    expect(certificate?.checks.length).toBeGreaterThan(4);
  });

  test('run again it moves nothing: the same run, and a new plan after it', async () => {
    const one = await bench('migration');
    const hash = await migrate(one);
    const before = await fingerprint(one);
    await execute(one, hash, '');
    expect(await fingerprint(one)).toEqual(before);
    const again = await planned(one);
    const { notNeeded } = await view(one);
    expect(notNeeded).toBe(true);
    await approveMigration(one.context, again);
    await execute(one, again, '');
    expect(await fingerprint(one)).toEqual(before);
    expect(await migrationCertificate(one.context)).not.toBeNull();
  });

  test('nothing moves without the approval of this very plan and the amount typed', async () => {
    const one = await bench('migration');
    const hash = await planned(one);
    await expect(execute(one, hash)).rejects.toMatchObject({ code: 'migration-state' });
    await expect(approveMigration(one.context, 'another hash')).rejects.toMatchObject({ code: 'plan-changed' });
    await approveMigration(one.context, hash);
    for (const typed of ['', '7000.01 2026-10', '7000.00']) {
      await expect(execute(one, hash, typed), typed).rejects.toMatchObject({ code: 'confirmation-missing' });
    }
    await expect(execute(one, 'another hash')).rejects.toMatchObject({ code: 'plan-changed' });
    expect(await one.stripe.balances()).toEqual(BEFORE);
    expect(await listIntents(one.platform.store.db, {})).toEqual([]);
  });

  test('numbers that moved since the approval stop it before anything moves', async () => {
    const one = await bench('migration');
    const hash = await planned(one);
    await approveMigration(one.context, hash);
    await one.stripe.control('POST', 'dashboard/transfer', {
      from: 'payments',
      to: 'storage',
      amount: 1_000,
      currency: 'usd',
    });
    await expect(execute(one, hash)).rejects.toMatchObject({ code: 'plan-changed' });
    expect(await one.stripe.balances()).toEqual({ payments: 999_000n, storage: 1_000n });
  });

  test('pending money does not count: Payments too low blocks, and after a top-up it goes on', async () => {
    const one = await bench(
      await datasetLike('migration', {
        'stripe.json': { payments_available: { usd: 699_999 }, payments_pending: { usd: 500_000 } },
      }),
    );
    const hash = await planned(one);
    await approveMigration(one.context, hash);
    await expect(execute(one, hash)).rejects.toMatchObject({ code: 'preflight-blocked' });
    expect(await one.stripe.payouts()).toEqual([]);
    await one.stripe.control('POST', 'topups', { amount: 1, currency: 'usd' });
    await execute(one, hash);
    expect(await one.stripe.balances()).toEqual({ payments: 0n, storage: 700_000n });
  });

  test('subscriptions that come in meanwhile do not disturb the verification of a chunk', async () => {
    const one = await bench('migration');
    let chunks = 0;
    one.atCheckpoint = async (label) => {
      if (label !== 'migration.movement-posted') return;
      chunks += 1;
      await one.stripe.control('POST', 'charges', { amount: 1_000 + chunks, currency: 'usd', fee: 59 });
    };
    await migrate(one);
    expect(chunks).toBe(5);
    await expectMigrated(one);
  });

  test('balances that do not show a chunk as moved stop the run, and nothing further moves', async () => {
    const one = await bench('migration');
    const hash = await planned(one);
    await approveMigration(one.context, hash);
    // Money leaves Storage between the balance before and the balance after, and its line stays hidden behind an error.
    let chunks = 0;
    one.atCheckpoint = async (label) => {
      if (label !== 'migration.movement-posted') return;
      chunks += 1;
      if (chunks === 2)
        await one.stripe.fault('error_500_not_stored', {
          method: 'GET',
          path: '/v2/money_management/transactions',
          times: 1_000,
        });
    };
    await execute(one, hash);
    const stopped = await view(one);
    expect(stopped.state).toBe('stopped');
    expect(stopped.stopReason).toContain('Stripe cannot be reached');
    expect(await one.stripe.payouts()).toHaveLength(2);
    await one.stripe.clearFaults();
    one.atCheckpoint = () => {};
    await execute(one, hash, '');
    await expectMigrated(one);
  });

  test.each([
    ['the connection drops after executing', { kind: 'drop_after_execute' }],
    ['Stripe keeps a 500 but has executed', { kind: 'error_500_stored', execute: true }],
    ['Stripe limits the rate', { kind: 'rate_limit_429', retry_after: 0 }],
    ['the connection drops before executing', { kind: 'drop_before_execute' }],
  ])('when %s on every other movement, no chunk moves twice', async (_name, fault) => {
    const one = await bench('migration');
    for (const nth of [1, 3, 5]) await one.stripe.fault(fault.kind, { ...fault, method: 'POST', path: PAYOUTS, nth });
    const hash = await planned(one);
    await approveMigration(one.context, hash);
    for (let tries = 0; tries < 4 && (await view(one)).state !== 'completed'; tries++) await execute(one, hash);
    await expectMigrated(one);
  });

  test('a chunk that fails stops the run with the reason; resumed, it is planned anew and the sum is right', async () => {
    const one = await bench('migration');
    await one.stripe.fault('payout_fail_later', { method: 'POST', path: PAYOUTS, nth: 2 });
    await migrate(one);
    const stopped = await view(one);
    expect([stopped.state, stopped.stopReason]).toEqual(['stopped', expect.stringContaining('A movement failed')]);
    await execute(one, stopped.plan?.planHash ?? '', '');
    expect(await one.stripe.balances()).toEqual(AFTER);
    expect((await view(one)).state).toBe('completed');
    expect((await one.stripe.payouts()).map((payout) => payout.status).sort()).toEqual([
      'failed',
      'paid',
      'paid',
      'paid',
      'paid',
      'paid',
    ]);
  });

  test('a person may stop it before any movement and resume it, in this start or the next', async () => {
    const one = await bench('migration');
    one.atCheckpoint = (label) => {
      if (label === 'migration.movement-posted') one.guard.stop();
    };
    const hash = await migrate(one);
    for (let stops = 1; stops < 5; stops++) {
      const stopped = await view(one);
      expect([stopped.state, stopped.postedCount]).toEqual(['stopped', stops]);
      await one.reopen();
      await execute(one, hash, '');
    }
    await expectMigrated(one);
  });

  test('what is owed changes while it runs: it stops, because the plan no longer fits', async () => {
    const one = await bench('migration');
    const changed = await datasetLike('migration', {
      'subscribers.csv': 'subscriber_id,display_name\ns1,One\n',
      'payments.csv':
        'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\np1,s1,2026-10,usd,1000,0,succeeded,2026-10-03T10:00:00Z\n',
      'allocations.csv':
        'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at\na1,s1,c01,2026-10,usd,1000,active,2026-10-20T12:00:00Z\n',
    });
    let once = true;
    one.atCheckpoint = async (label) => {
      if (label !== 'migration.movement-posted' || !once) return;
      once = false;
      await one.import(changed);
    };
    await migrate(one);
    const stopped = await view(one);
    expect([stopped.state, stopped.stopReason]).toEqual([
      'stopped',
      expect.stringContaining('What is owed to creators changed'),
    ]);
    expect(await one.stripe.payouts()).toHaveLength(1);
  });
});

describe('Rollback takes back exactly what this run moved', () => {
  test('guided: it stays rolling back until a person has moved it and Stripe shows it', async () => {
    const one = await bench('migration');
    await migrate(one);
    await expect(rollBackMigration(one.context, one.guard, '6999.99 2026-10', 500)).rejects.toMatchObject({
      code: 'confirmation-missing',
    });
    await rollBackMigration(one.context, one.guard, TYPED, 500);
    expect((await view(one)).state).toBe('rolling-back');
    expect(await one.stripe.balances()).toEqual(AFTER);
    await one.reopen();
    await one.release(700_000n);
    await rollBackMigration(one.context, one.guard, null, 500);
    expect((await view(one)).state).toBe('rolled-back');
    expect(await one.stripe.balances()).toEqual(BEFORE);
    const states = (await listIntents(one.platform.store.db, {})).map((intent) => [intent.kind, intent.state]);
    expect(states.filter(([, state]) => state === 'compensated')).toHaveLength(5);
    expect(states.filter(([kind]) => kind === 'compensate')).toEqual([['compensate', 'posted']]);
    expect(await ledgerProblems(one)).toEqual([]);
    expect(await one.coverage()).toMatchObject({ storageAvailable: '0', unexplained: '0' });
  });

  test('guided, and money leaves Storage meanwhile: it is told; a new dry run ends the rollback and plans what is missing', async () => {
    const one = await bench('migration');
    await migrate(one);
    await rollBackMigration(one.context, one.guard, TYPED, 500);
    await one.release(50_000n);
    await expect(rollBackMigration(one.context, one.guard, null, 500)).rejects.toMatchObject({
      code: 'rollback-short',
      message: 'Storage has 6,500.00 USD available; 7,000.00 USD would have to go back to Payments.',
    });
    expect((await view(one)).state).toBe('rolling-back');
    await makePlan(one.context);
    const again = await view(one);
    expect([again.state, again.plan?.delta]).toEqual(['planned', [{ currency: 'usd', amount: '50000' }]]);
    const [release] = await listIntents(one.platform.store.db, { kinds: ['compensate'] });
    expect([release?.state, release?.code]).toEqual(['canceled', 'kept']);
    expect(await one.stripe.balances()).toEqual({ payments: 350_000n, storage: 650_000n });
    expect(await ledgerProblems(one)).toEqual([]);
  });

  test('a new dry run does not end a rollback that a person completed meanwhile', async () => {
    const one = await bench('migration');
    await migrate(one);
    await rollBackMigration(one.context, one.guard, TYPED, 500);
    await one.release(700_000n);
    await makePlan(one.context);
    expect((await view(one)).plan?.delta).toEqual([{ currency: 'usd', amount: '700000' }]);
    const runs = await one.platform.store.db
      .selectFrom('migration_run')
      .select('state')
      .orderBy('created_at')
      .execute();
    expect(runs.map((run) => run.state)).toEqual(['rolled-back', 'planned']);
  });

  test('a run stopped half way gives back what it moved and not a cent of what was there before', async () => {
    const one = await bench(
      await datasetLike('migration', {
        'stripe.json': { payments_available: { usd: 900_000 }, storage_available: { usd: 100_000 } },
      }),
      { playGuided: true },
    );
    one.atCheckpoint = (label) => {
      if (label === 'migration.movement-posted') one.guard.stop();
    };
    const hash = await planned(one);
    await approveMigration(one.context, hash);
    await execute(one, hash, '6000.00 2026-10');
    one.atCheckpoint = () => {};
    const { rollbackConfirmation } = await view(one);
    expect(rollbackConfirmation).toBe('107.69 2026-10');
    await rollBackMigration(one.context, one.guard, rollbackConfirmation, 500);
    expect((await view(one)).state).toBe('rolled-back');
    expect(await one.stripe.balances()).toEqual({ payments: 900_000n, storage: 100_000n });
  });

  test('on the earmark rail it is a ledger entry, done at once, and the money at Stripe never moves', async () => {
    const one = await bench(await datasetLike('migration', { 'policy.json': { rail: 'earmark' } }));
    await migrate(one);
    expect(await one.coverage()).toMatchObject({ coverageBps: 10_000, storageAvailable: '700000' });
    await rollBackMigration(one.context, one.guard, TYPED, 500);
    expect((await view(one)).state).toBe('rolled-back');
    expect(await one.coverage()).toMatchObject({ coverageBps: 0, storageAvailable: '0', unexplained: '0' });
    expect(await one.stripe.balances()).toEqual(BEFORE);
    expect(await ledgerProblems(one)).toEqual([]);
  });

  test('a migration that was rolled back can be planned and carried out again', async () => {
    const one = await bench('migration', { playGuided: true });
    await migrate(one);
    await rollBackMigration(one.context, one.guard, TYPED, 500);
    expect(await one.stripe.balances()).toEqual(BEFORE);
    await migrate(one);
    expect(await one.stripe.balances()).toEqual(AFTER);
  });

  test('creators that were paid meanwhile: more is never taken back than Storage can spare', async () => {
    const one = await bench('migration', { playGuided: true });
    await migrate(one);
    await one.through('close');
    expect(await one.stripe.balances()).toEqual({ payments: 300_000n, storage: 0n });
    await expect(rollBackMigration(one.context, one.guard, TYPED, 500)).rejects.toMatchObject({ name: 'CofferError' });
    expect(await one.stripe.balances()).toEqual({ payments: 300_000n, storage: 0n });
    expect(await listIntents(one.platform.store.db, { kinds: ['compensate'] })).toEqual([]);
  });
});

test('after a migration the month closes without funding anything', async () => {
  const one = await bench('migration');
  await migrate(one);
  await one.through('close');
  expect((await one.summary()).usd).toMatchObject({
    fund: '0',
    paid: '700000',
    storage_before: '700000',
    storage_after: '0',
    payments_after: '300000',
  });
  expect(await one.stripe.balances()).toEqual({ payments: 300_000n, storage: 0n });
});

test('a month end does not begin while a migration is half done', async () => {
  const one = await bench('migration');
  one.atCheckpoint = (label) => {
    if (label === 'migration.movement-posted') one.guard.stop();
  };
  await migrate(one);
  one.atCheckpoint = () => {};
  const { blockers } = await one.step('preflight');
  expect(blockers.map((blocker) => blocker.code)).toContain('migration-unfinished');
});
