/** Heavy work in the worker comes to the same as on the spot, and a close in the middle of it harms nothing. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { appendAudit } from '../../../electron/journal/audit-chain';
import { owedTo, UNDISTRIBUTED } from '../../../electron/ledger/accounts';
import { lastEntry, move, owedToCreators, post } from '../../../electron/ledger/ledger';
import { verifyAudit } from '../../../electron/services/audit';
import { coverageLines } from '../../../electron/services/balance-history';
import { makeBinder } from '../../../electron/services/binder';
import { earningResults, earningSums, earningsToSign, sumsOf } from '../../../electron/services/earnings';
import { statementsFile } from '../../../electron/services/earnings-for-user';
import {
  EXPORT_NAMES,
  exportList,
  listExports,
  makeExports,
  saveExports,
} from '../../../electron/services/exports/make-exports';
import { accruing, monthSoFar, obligations, subscribersOf } from '../../../electron/services/fund-tracking';
import { lapsed, lapsedBands } from '../../../electron/services/lapsed';
import { payOutcomes, readPayOutcomes } from '../../../electron/services/month-end/pay-outcomes';
import { listPayouts } from '../../../electron/services/payout-list';
import { ingestLines, listLines } from '../../../electron/services/reconciliation';
import { matchAll } from '../../../electron/services/reconciliation/ingest';
import { revenueView } from '../../../electron/services/revenue';
import { listCreators, listSubscribers } from '../../../electron/services/statements';
import { giveWorker, StoreWorker, workerOf } from '../../../electron/services/worker/store-worker';
import { openStore } from '../../../electron/store/store';
import { CofferError } from '../../../shared/domain/coffer-error';
import { listedAtStripe } from '../../bench/stripe-lines';
import { bundle } from '../../bundle';
import { type Bench, bench, ledgerProblems, temporaryFolder } from './platform';

/** Workers are started by the dozen here; each compiles the services anew. */
vi.setConfig({ testTimeout: 240_000 });

let worker: URL;
let remove: () => Promise<void>;

beforeAll(async () => {
  const built = await bundle('electron/services/worker/worker.ts', 'heavy-work');
  worker = pathToFileURL(built.file);
  remove = built.remove;
});
afterAll(() => remove());

async function closed(): Promise<Bench> {
  const one = await bench('worked', { worker });
  await one.through('close');
  return one;
}

/** From now on it is done here, as on the command line. */
function onTheSpot(one: Bench): void {
  giveWorker(one.platform.store, worker, Number.MAX_SAFE_INTEGER);
}

test('exports, their list, the binder, the verification of the log and statements are the same from the worker', async () => {
  const one = await closed();
  const { store } = one.platform;
  expect(await workerOf(store)).not.toBeNull();
  expect(await listExports(store, one.period)).toEqual(await exportList(store.db, one.period));

  const directory = await temporaryFolder();
  const written = await saveExports(store, one.period, EXPORT_NAMES, directory);
  const files = await makeExports(store.db, one.period);
  expect(written.map((file) => file.name)).toEqual(files.map((file) => file.name));
  expect((await readdir(directory)).sort()).toEqual(files.map((file) => file.name).sort());
  for (const file of files) expect(await readFile(join(directory, file.name), 'utf8'), file.name).toBe(file.content);

  const binder = await makeBinder(one.context, one.period, 'the verifier');
  const audit = await verifyAudit(one.context);
  const statements = await statementsFile(store, []);
  onTheSpot(one);
  expect(await workerOf(store)).toBeNull();
  expect((await makeBinder(one.context, one.period, 'the verifier')).sha256).toBe(binder.sha256);
  expect({ ...(await verifyAudit(one.context)), checkedAt: '' }).toEqual({ ...audit, checkedAt: '' });
  expect(await statementsFile(store, [])).toEqual(statements);
});

test('a month as far as it is calculated, and what is owed, are the same from the worker', async () => {
  const one = await bench('worked', { worker });
  const { store } = one.platform;
  const made = async () => ({
    accruing: await accruing(store),
    obligations: await obligations(store),
    month: await monthSoFar(store, one.period),
    subscribers: await subscribersOf(store, one.period),
    revenue: await revenueView(one.context, null, undefined),
  });
  const there = await made();
  expect(there.obligations.length).toBeGreaterThan(0);
  // Of another state of the data: what was kept is not used again.
  onTheSpot(one);
  await one.import();
  expect(await made()).toEqual(there);
});

test('the long lists are the same from the worker, whatever is sorted, sought and left out', async () => {
  const one = await closed();
  const { store } = one.platform;
  const { period } = one;
  const page = { offset: 0, limit: 500 };
  const asked = async () => [
    await listCreators(store, { ...page, onlyHeld: false, sort: 'owed', descending: true }),
    await listSubscribers(store, { ...page, period, sort: 'unallocated', search: 's' }),
    await listPayouts(store, { ...page, period, sort: 'displayName' }),
    await listLines(store, { ...page, period, outcome: 'matched', sort: 'amount' }),
    await coverageLines(one.context, { ...page, currency: 'usd', term: 'storage-available' }),
  ];
  const given = vi.spyOn(StoreWorker.prototype, 'run');
  const there = await asked();
  expect(there.map((one) => ('page' in one ? one.page : one).total > 0)).toEqual([true, true, true, true, true]);
  expect(given.mock.calls.filter(([kind]) => kind === 'list')).toHaveLength(5);
  given.mockRestore();
  onTheSpot(one);
  // What was kept is not used again.
  await store.db.insertInto('setting').values({ key: 'another state', value: '' }).execute();
  expect(await asked()).toEqual(there);
});

test('a month that is closed with the worker has the figures of one that is closed without', async () => {
  const there = await closed();
  const here = await bench('worked');
  await here.through('close');
  expect(await there.summary()).toEqual(await here.summary());
  for (const name of ['earnings.csv', 'unallocated.csv']) {
    expect(await there.export(name), name).toBe(await here.export(name));
  }
  const results = await earningResults(here.platform.store.db, here.period);
  expect(await earningSums(there.platform.store, there.period)).toEqual(sumsOf(results));
  expect(await earningsToSign(there.platform.store, there.period)).toEqual(
    results.map(({ creatorId, currency, paid, disposition, reason }) => ({
      creatorId,
      currency,
      paid,
      disposition,
      reason,
    })),
  );
  const outcomes = await payOutcomes(there.platform.store, there.period);
  expect(outcomes.outcomes[0]?.posted).toBeGreaterThan(0);
  expect(outcomes).toEqual(await readPayOutcomes(here.platform.store.db, here.period));
  expect(await lapsed(there.platform.store, there.period)).toEqual(
    await lapsedBands(here.platform.store.db, here.period),
  );
  expect(await lockOf(there)).toEqual(await lockOf(here));
  expect(await ledgerProblems(there)).toEqual([]);
});

/** What the lock binds. */
function lockOf(one: Bench) {
  return one.platform.store.db
    .selectFrom('period_lock')
    .select(['period', 'snapshot_hash', 'payments', 'allocations'])
    .execute();
}

test('a failure in the middle of posting leaves nothing half done, and the step can be run again', async () => {
  const one = await bench('worked', { worker });
  await one.through('lock');
  const { store } = one.platform;
  const written = async () => {
    const rows = async (table: 'earning' | 'lapse' | 'suspense') =>
      (await store.db.selectFrom(table).selectAll().execute()).length;
    return [await rows('earning'), await rows('lapse'), await rows('suspense'), String(await lastEntry(store.db))];
  };
  const before = await written();
  // The last thing that posting writes, after everything else.
  store.exec(`CREATE TRIGGER no_step BEFORE UPDATE ON month_end_step WHEN NEW.step = 'earnings' AND NEW.state = 'done'
    BEGIN SELECT RAISE(ABORT, 'no step'); END`);
  await expect(one.step('earnings')).rejects.toThrow('no step');
  expect(await written()).toEqual(before);
  expect(await one.state()).toBe('locked');
  store.exec('DROP TRIGGER no_step');
  await one.step('earnings');
  expect(await one.state()).toBe('calculated');
  expect((await written()).slice(0, 2)).not.toEqual(before.slice(0, 2));
  expect(await ledgerProblems(one)).toEqual([]);
});

test.each([true, false])(
  'what came to the ledger while Stripe was asked is owed from before; worker: %s',
  async (apart) => {
    const one = await bench('worked', { worker });
    if (!apart) onTheSpot(one);
    await one.through('lock');
    const { store } = one.platform;
    const creator = await store.db.selectFrom('creator').select('creator_id').orderBy('creator_id').executeTakeFirst();
    const creatorId = creator?.creator_id ?? '';
    const owed = async () => (await owedToCreators(store.db)).find(({ id }) => id === creatorId)?.owed ?? 0n;
    const before = await owed();
    one.atCheckpoint = async (label) => {
      if (label !== 'earnings.before-posting') return;
      await store.transaction((tx) =>
        post(tx, {
          txId: 'late',
          at: one.clock.now(),
          kind: 'test',
          period: one.period,
          intentId: null,
          description: 'A payout came back',
          postings: move(owedTo(creatorId), UNDISTRIBUTED, 'usd', 700n),
        }),
      );
    };
    await one.step('earnings');
    const earning = await store.db
      .selectFrom('earning')
      .select(['net', 'opening', 'payable'])
      .where('creator_id', '=', creatorId)
      .executeTakeFirstOrThrow();
    expect(earning.opening).toBe(before + 700n);
    expect(earning.payable).toBe(await owed());
  },
);

test('what is written while the worker posts is written after it, and the log is whole', async () => {
  const one = await bench('worked', { worker });
  await one.through('lock');
  const { store } = one.platform;
  let posted = false;
  one.atCheckpoint = (label) => {
    posted ||= label === 'earnings.posted';
  };
  const step = one.step('earnings');
  let notes = 0;
  while (!posted) {
    await store.transaction((tx) =>
      appendAudit(tx, { at: one.clock.now(), actor: 'Test', action: 'test.noted', subject: 'x', payload: { notes } }),
    );
    notes += 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await step;
  expect(notes).toBeGreaterThan(1);
  expect(await verifyAudit(one.context)).toMatchObject({ ok: true });
});

test('many lines of Stripe get the same verdicts and postings from the worker', async () => {
  const written = async (apart: boolean) => {
    const store = openStore(join(await temporaryFolder(), 'coffer.db'));
    if (apart) giveWorker(store, worker, 0);
    const context = await listedAtStripe(store, 2_000);
    const given = vi.spyOn(StoreWorker.prototype, 'write');
    await ingestLines(context);
    await matchAll(context);
    expect(given.mock.calls.map(([kind]) => kind)).toEqual(apart ? ['match-lines', 'match-lines'] : []);
    given.mockRestore();
    const lines = await store.db.selectFrom('stripe_line').selectAll().orderBy('side').orderBy('stripe_id').execute();
    const missing = await store.db.selectFrom('missing_line').selectAll().orderBy('intent_id').execute();
    const entries = await store.db
      .selectFrom('ledger_entry')
      .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
      .select(['at', 'kind', 'period', 'description', 'account', 'currency', 'amount'])
      .orderBy('description')
      .orderBy('account')
      .execute();
    await store.close();
    return { lines, missing: missing.map((one) => ({ ...one, found_at: '' })), entries };
  };
  const there = await written(true);
  expect(new Set(there.lines.map((line) => line.outcome))).toEqual(new Set(['matched', 'exception']));
  expect([there.lines.length, there.missing.length, there.entries.length]).toEqual([1_998, 2, 2_000]);
  expect(await written(false)).toEqual(there);
});

test('a refusal in the worker comes back as the same one', async () => {
  const one = await closed();
  const refused = () => statementsFile(one.platform.store, ['nobody']).catch((error: unknown) => error);
  const there = await refused();
  onTheSpot(one);
  const here = await refused();
  expect(here).toBeInstanceOf(CofferError);
  expect(there).toBeInstanceOf(CofferError);
  expect(there).toMatchObject({ ...(here as CofferError), code: 'creator-unknown' });
});

test('closing waits for a job that is under way, and begins no other', async () => {
  const one = await closed();
  const { store } = one.platform;
  const atWork = await workerOf(store);
  const directory = await temporaryFolder();
  const saving = saveExports(store, one.period, EXPORT_NAMES, directory);
  // The job has been given.
  await new Promise((resolve) => setImmediate(resolve));
  await one.close();
  expect((await saving).length).toBe((await readdir(directory)).length);
  await expect(atWork?.run('export-list', { period: one.period })).rejects.toMatchObject({ code: 'closing' });
});

test('a store in memory has no worker', async () => {
  const store = openStore(':memory:');
  giveWorker(store, new URL('file:///nowhere.mjs'), 0);
  expect(await workerOf(store)).toBeNull();
  await store.close();
});
