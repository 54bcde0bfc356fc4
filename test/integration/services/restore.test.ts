/**
 * A restore never leads to paying twice: what moved at Stripe since the backup is found there and taken over before anything moves.
 * Source: docs/decisions/0015.
 */
import { copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { listIntents } from '../../../electron/journal/journal';
import { mustCompare } from '../../../electron/journal/restored';
import { verifyAudit } from '../../../electron/services/audit';
import { checkpointNow } from '../../../electron/services/audit-checkpoints';
import { compareWithStripe } from '../../../electron/services/compare-with-stripe';
import { approveMigration, executeMigration, makePlan } from '../../../electron/services/execute-migration';
import { rollBackMigration } from '../../../electron/services/migration/rollback';
import { currentRun } from '../../../electron/services/migration/run';
import { restoreBackup } from '../../../electron/services/restore';
import { migrationConfirmation } from '../../../electron/services/storage-balance-migration';
import type { Backup } from '../../../electron/store/backup';
import { addMonths } from '../../../shared/period/period';
import { type Bench, bench, ledgerProblems } from './platform';

vi.setConfig({ testTimeout: 120_000 });

const DAY_MS = 86_400_000;
const OUTBOUND = '/v2/money_management/outbound_payments';

/** The books of before are gone with the disk: only Stripe knows what moved. */
function loseReplaced(one: Bench): void {
  rmSync(join(dirname(one.storePath), 'replaced'), { recursive: true, force: true });
}

async function wholeMonth(one: Bench) {
  await one.through('close');
  return {
    received: await one.stripe.received(),
    summary: (await one.summary()).usd,
    payouts: await one.stripe.payouts(),
  };
}

describe('A backup of before Pay is restored after creators were paid', () => {
  test.each([
    ['lock', true],
    ['lock', false],
    ['earnings', false],
    ['fund', false],
    ['approve', true],
    ['approve', false],
  ] as const)(
    'taken after %s, books of before readable: %s: nobody is paid twice, and the month comes to the same figures',
    async (step, readable) => {
      const one = await bench('worked');
      await one.through(step);
      const backup = one.backUp();
      const first = await wholeMonth(one);
      // Every idempotency key is forgotten by then.
      one.clock.advance(2 * DAY_MS);
      await one.restore(backup);
      if (!readable) {
        loseReplaced(one);
        one.clock.advance(5 * 60_000);
      }
      await expect(
        one.step(step === 'lock' ? 'earnings' : step === 'approve' ? 'pay' : 'approve'),
      ).rejects.toMatchObject({
        code: 'restored-not-compared',
      });
      const compared = await compareWithStripe(one.context);
      expect(compared).toMatchObject({ open: [], notes: [] });
      expect(compared?.adopted).toBeGreaterThanOrEqual(7);
      expect(await mustCompare(one.platform.store.db)).toBeNull();
      const second = await wholeMonth(one);
      expect(second.received).toEqual(first.received);
      expect(second.payouts).toEqual(first.payouts);
      expect(Object.values(await one.stripe.paymentsPerAccount()).every((count) => count === 1)).toBe(true);
      expect(second.summary).toEqual(first.summary);
      expect(await one.coverage()).toMatchObject({ difference: '0', unexplained: '0' });
      expect(await ledgerProblems(one)).toEqual([]);
    },
  );

  test('in the middle of paying, with planned payouts in the backup that were sent after it', async () => {
    const one = await bench('worked');
    await one.through('approve');
    let backup: Backup | null = null;
    one.atCheckpoint = (label) => {
      if (label === 'movement.before-sending' && backup === null) backup = one.backUp();
    };
    await one.through('close');
    one.atCheckpoint = () => {};
    if (backup === null) throw new Error('No backup');
    const received = await one.stripe.received();
    one.clock.advance(2 * DAY_MS);
    await one.restore(backup);
    loseReplaced(one);
    one.clock.advance(5 * 60_000);
    const states = new Set(
      (await listIntents(one.platform.store.db, { kinds: ['pay'] })).map((intent) => intent.state),
    );
    expect(states).toContain('planned');
    expect(await compareWithStripe(one.context)).toMatchObject({ open: [], adopted: 0 });
    await one.through('close');
    expect(await one.stripe.received()).toEqual(received);
    expect(await ledgerProblems(one)).toEqual([]);
  });

  test('with a payout that failed and was paid in the next month', async () => {
    const one = await bench('worked');
    await one.through('approve');
    const backup = one.backUp();
    await one.stripe.fault('payout_fail_later', { method: 'POST', path: OUTBOUND });
    await one.step('pay');
    await one.acknowledgeAll();
    await one.through('close');
    const next = addMonths(one.period, 1);
    await one.through('close', next);
    const received = await one.stripe.received();
    one.clock.advance(2 * DAY_MS);
    await one.restore(backup);
    loseReplaced(one);
    one.clock.advance(5 * 60_000);
    expect(await compareWithStripe(one.context)).toMatchObject({ open: [] });
    await one.step('pay');
    await one.acknowledgeAll();
    await one.through('close');
    await one.through('close', next);
    expect(await one.stripe.received()).toEqual(received);
    expect(await one.coverage()).toMatchObject({ difference: '0', unexplained: '0' });
    expect(await ledgerProblems(one)).toEqual([]);
  });
});

describe('A backup of before the migration', () => {
  test('nothing is moved to Storage a second time', async () => {
    const two = await bench('migration');
    await makePlan(two.context);
    const run = await currentRun(two.context);
    if (run === null) throw new Error('No plan');
    const backup = two.backUp();
    await approveMigration(two.context, run.plan.hash);
    const typed = migrationConfirmation(run.plan);
    await executeMigration(two.context, two.guard, { planHash: run.plan.hash, typed, patienceMs: 1_500 });
    const before = await two.stripe.balances();
    two.clock.advance(2 * DAY_MS);
    await two.restore(backup);
    loseReplaced(two);
    two.clock.advance(5 * 60_000);
    await expect(approveAndExecute(two)).rejects.toMatchObject({ code: 'restored-not-compared' });
    expect(await compareWithStripe(two.context)).toMatchObject({ open: [] });
    await approveAndExecute(two).catch((error: unknown) => expect(error).toMatchObject({ name: 'CofferError' }));
    expect(await two.stripe.balances()).toEqual(before);
    expect(await ledgerProblems(two)).toEqual([]);
  });

  test('taken after it was rolled back: what a later movement took back is no contradiction to Stripe', async () => {
    const one = await bench('migration');
    await approveAndExecute(one);
    const run = await currentRun(one.context);
    if (run === null) throw new Error('No plan');
    const typed = migrationConfirmation(run.plan);
    await rollBackMigration(one.context, one.guard, typed, 500);
    await one.release(700_000n);
    await rollBackMigration(one.context, one.guard, null, 500);
    const states = async () => (await listIntents(one.platform.store.db, {})).map((intent) => intent.state);
    expect(await states()).toContain('compensated');
    const before = await states();
    await one.restore(one.backUp());
    expect(await compareWithStripe(one.context)).toMatchObject({ open: [], adopted: 0, settled: 0 });
    expect(await states()).toEqual(before);
    expect(await ledgerProblems(one)).toEqual([]);
  });

  async function approveAndExecute(one: Bench): Promise<void> {
    await makePlan(one.context);
    const run = await currentRun(one.context);
    if (run === null) return;
    await approveMigration(one.context, run.plan.hash);
    const typed = migrationConfirmation(run.plan);
    await executeMigration(one.context, one.guard, { planHash: run.plan.hash, typed, patienceMs: 1_500 });
  }
});

describe('What cannot be taken over', () => {
  test('is named, and nothing moves until it can be', async () => {
    const one = await bench('worked');
    await one.through('approve');
    const backup = one.backUp();
    await one.through('close');
    await one.restore(backup);
    loseReplaced(one);
    one.clock.advance(5 * 60_000);
    const original = one.context.rail.ownMovements.bind(one.context.rail);
    one.context.rail.ownMovements = async function* (from) {
      for await (const movement of original(from)) {
        yield movement.stripeAccount === 'acct_c4'
          ? { ...movement, stripeAccount: 'acct_nobody', origin: null }
          : movement;
      }
    };
    const compared = await compareWithStripe(one.context);
    expect(compared?.open).toHaveLength(1);
    expect(compared?.open[0]).toContain('acct_nobody');
    await expect(one.step('pay')).rejects.toMatchObject({
      code: 'restored-not-compared',
      message: expect.stringContaining('acct_nobody'),
    });
    one.context.rail.ownMovements = original;
    expect(await compareWithStripe(one.context)).toMatchObject({ open: [], adopted: 1 });
    await one.through('close');
    expect(Object.values(await one.stripe.paymentsPerAccount()).every((count) => count === 1)).toBe(true);
  });

  test('a payout whose outcome was unknown stays unknown in the restored books, with its own key', async () => {
    const one = await bench('worked');
    await one.through('approve');
    const backup = one.backUp();
    await one.stripe.fault('drop_before_execute', { method: 'POST', path: OUTBOUND, times: 1 });
    await one.step('pay').catch(() => undefined);
    const [unknown] = await listIntents(one.platform.store.db, { kinds: ['pay'], states: ['unknown'] });
    await one.restore(backup);
    expect(await compareWithStripe(one.context)).toMatchObject({ open: [] });
    if (unknown !== undefined) {
      const [again] = await listIntents(one.platform.store.db, { kinds: ['pay'], states: ['unknown'] });
      expect(again).toMatchObject({ intent_id: unknown.intent_id, idempotency_key: unknown.idempotency_key });
    }
    await one.through('close');
    expect(Object.values(await one.stripe.paymentsPerAccount()).every((count) => count === 1)).toBe(true);
  });

  test('books of another Stripe account are not compared', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.restore(one.backUp());
    one.context.rail.account = async () => 'acct_other';
    await expect(compareWithStripe(one.context)).rejects.toMatchObject({ code: 'other-account' });
  });
});

describe('Books that somebody replaced by hand', () => {
  test('are recognised by the note beside them, and compared before anything moves', async () => {
    const one = await bench('worked');
    await one.through('approve');
    const backup = one.backUp();
    await one.through('close');
    const received = await one.stripe.received();
    await one.close();
    for (const part of ['', '-wal', '-shm']) rmSync(`${one.storePath}${part}`, { force: true });
    copyFileSync(backup.path, one.storePath);
    await one.open();
    await expect(one.step('pay')).rejects.toMatchObject({ code: 'restored-not-compared' });
    one.clock.advance(5 * 60_000);
    expect(await compareWithStripe(one.context)).toMatchObject({ open: [] });
    await one.through('close');
    expect(await one.stripe.received()).toEqual(received);
  });
});

describe('A restore', () => {
  test('moves the books of before aside, backs them up, and is an event of the restored chain', async () => {
    const one = await bench('worked');
    await one.through('approve');
    const backup = one.backUp();
    await one.through('pay');
    await checkpointNow(one.context);
    await one.restore(backup);
    const { db } = one.platform.store;
    expect(await verifyAudit(one.context)).toMatchObject({ ok: true });
    const event = await db
      .selectFrom('audit_event')
      .selectAll()
      .where('action', '=', 'store.restored')
      .executeTakeFirst();
    expect(JSON.parse(event?.payload ?? '{}')).toMatchObject({ sha256: backup.note?.sha256 });
    const names = readdirSync(join(dirname(one.storePath), 'backups'));
    expect(names.some((name) => name.endsWith('-before-restore.db'))).toBe(true);
    const [replaced] = readdirSync(join(dirname(one.storePath), 'replaced'));
    expect(readdirSync(join(dirname(one.storePath), 'replaced', replaced ?? ''))).toContain('coffer.db');
  });

  test('is refused for another mode, another account, other books and a changed file; nothing changes', async () => {
    const one = await bench('worked');
    await one.through('lock');
    const backup = one.backUp();
    await one.close();
    const order = {
      storePath: one.storePath,
      mode: 'sandbox',
      stripeAccount: null,
      backupPath: backup.path,
      actor: 'Test',
      at: one.clock.now(),
    };
    await expect(restoreBackup({ ...order, mode: 'live' })).rejects.toMatchObject({ code: 'restore-refused' });
    await expect(restoreBackup({ ...order, stripeAccount: 'acct_other' })).rejects.toMatchObject({
      code: 'restore-refused',
      message: expect.stringContaining('acct_other'),
    });
    const other = await bench('worked');
    await other.through('lock');
    await expect(restoreBackup({ ...order, backupPath: other.backUp().path })).rejects.toMatchObject({
      message: expect.stringContaining('other books'),
    });
    writeFileSync(backup.path.replace(/db$/, 'json'), JSON.stringify({ ...backup.note, sha256: '0'.repeat(64) }));
    await expect(restoreBackup(order)).rejects.toMatchObject({ message: expect.stringContaining('SHA-256') });
    await one.open();
    expect(await one.state()).toBe('locked');
    expect(await mustCompare(one.platform.store.db)).toBeNull();
  });
});
