/** The longest time for which the main loop answers nobody while heavy work is done. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { writeIntents } from '../../../electron/journal/journal';
import { sendIntents } from '../../../electron/journal/movement';
import { createSigner, newSigningKey } from '../../../electron/journal/signing';
import { verifyAuditLog } from '../../../electron/services/audit-checkpoints';
import { makeBinder } from '../../../electron/services/binder';
import { RunGuard, type ServiceContext } from '../../../electron/services/context';
import { earningsToSign, signEarnings } from '../../../electron/services/earnings';
import { earningsForUser } from '../../../electron/services/earnings-for-user';
import { EXPORT_NAMES, listExports, saveExports } from '../../../electron/services/exports/make-exports';
import { accruing, obligations } from '../../../electron/services/fund-tracking';
import { readRun, setState, startRun } from '../../../electron/services/month-end/run';
import { closeConfirmation, figuresToSign, lapsesAhead, STEP_WORK } from '../../../electron/services/month-end/steps';
import type { StepControl } from '../../../electron/services/month-end/steps/step';
import { monthEndView } from '../../../electron/services/month-end/view';
import { listLines } from '../../../electron/services/reconciliation';
import { matchAll } from '../../../electron/services/reconciliation/ingest';
import { figuresHash } from '../../../electron/services/sign-off';
import { listCreators, listSubscribers } from '../../../electron/services/statements';
import { PAY_CONCURRENCY } from '../../../electron/services/stripe-transfer';
import { runHeavy } from '../../../electron/services/worker/heavy-work';
import { giveWorker, workerOf } from '../../../electron/services/worker/store-worker';
import { auditHash, GENESIS, sha256 } from '../../../electron/store/audit-hash';
import { openStore, type Store } from '../../../electron/store/store';
import { period as toPeriod } from '../../../shared/period/period';
import { PERIOD, writeDataset } from '../generate';
import { figure, inFolder, type Measure, type Sizes } from '../harness';
import { CONTROL, connect, journalOf, payout, startStripe } from '../paying';
import { listedAtStripe } from '../stripe-lines';
import { ingestAll } from './reconciliation';

const CREATORS = 100_000;
const PAYOUTS = 2_000;
const LINES = 100_000;
const EVENTS = 1_000_000;
const FIRST_PAGE = { offset: 0, limit: 100 };
const RESOLUTION_MS = 5;
const WORKER = new URL('../worker.mjs', import.meta.url);
const MONTH = toPeriod(PERIOD);

const NAMES = [
  'import',
  'calculation',
  'obligations',
  'lists of creators and subscribers',
  'earnings of a creator',
  'lock',
  'posting earnings',
  'close',
  'list of exports',
  'exports',
  'binder',
  'payouts',
  'new lines of Stripe',
  'reconciliation',
  'list of lines',
  'view of a paid month',
  'audit verification',
];

export const mainLoop: Measure = {
  name: 'main-loop',
  aims: Object.fromEntries(NAMES.map((name) => [`main loop during ${name}`, { of: 'value', most: 50 }])),
  held: false,
  run: ({ scale }: Sizes) =>
    inFolder(async (folder) => {
      const dataset = path.join(folder, 'dataset');
      await writeDataset(dataset, Math.round(CREATORS * scale));
      const storePath = path.join(folder, 'coffer.db');
      const store = openStore(storePath);
      giveWorker(store, WORKER);
      const given = { storePath, directory: dataset, requireStripe: false, actor: 'Bench' };
      const longest = {
        import: await longestBlock(() => store.elsewhere(() => runHeavy(WORKER, 'import', given))),
        ...(await ofMonth(store, path.join(folder, 'exports'))),
        payouts: await ofPayouts(store, Math.round(PAYOUTS * scale)),
        ...(await ofReconciliation(path.join(folder, 'lines.db'), Math.round(LINES * scale))),
        'audit verification': await ofVerification(store, Math.round(EVENTS * scale)),
      };
      await store.close();
      return Object.entries(longest).map(([name, ms]) => figure(`main loop during ${name}`, ms, 'ms'));
    }),
};

/** What of a service's surroundings these need; Stripe pays out to everyone. */
function contextOf(store: Store): ServiceContext {
  const signer = createSigner(newSigningKey(), 'session');
  const rail = { refusals: async () => new Map<string, string>() };
  const context: Partial<ServiceContext> = {
    store,
    mode: 'sandbox',
    now: () => new Date(),
    newId: randomUUID,
    actor: () => 'Bench',
    checkpoint: async () => {},
    rail: rail as unknown as ServiceContext['rail'],
    signer: async () => signer,
    ownAuditKey: async () => null,
    checkpointFolder: null,
  };
  return context as ServiceContext;
}

/** From the calculation to the binder. */
async function ofMonth(store: Store, folder: string) {
  const context = contextOf(store);
  const run = await startRun(context, MONTH);
  const control: Partial<StepControl> = { onProgress: () => {}, startedAt: new Date() };
  const calculation = await longestBlock(() => accruing(store));
  const owed = await longestBlock(() => obligations(store));
  const lists = await longestBlock(async () => {
    await listCreators(store, { ...FIRST_PAGE, sort: 'displayName' });
    await listCreators(store, { ...FIRST_PAGE, search: 'nobody of this name' });
    await listSubscribers(store, { ...FIRST_PAGE, period: PERIOD, sort: 'unallocated' });
    await listSubscribers(store, { ...FIRST_PAGE, period: PERIOD, search: 'nobody of this name' });
  });
  const creatorId = await largestCreator(store);
  const ofCreator = await longestBlock(() => earningsForUser(store, { creatorId }));
  const lock = await longestBlock(async () => (await workerOf(store))?.run('snapshot', { period: PERIOD }));
  const posting = await longestBlock(() => STEP_WORK.earnings(context, run, control as StepControl, null));
  const close = await longestBlock(async () => {
    await lapsesAhead(store, PERIOD);
    await figuresToSign(context, PERIOD);
    await closeConfirmation(context, PERIOD);
    const results = await earningsToSign(store, PERIOD);
    const calculated = (await readRun(store.db, MONTH)) ?? run;
    await store.transaction(async (tx) => {
      await signEarnings(tx, PERIOD, results);
      await setState(context, tx, calculated, 'closed', {}, { figuresHash: await figuresHash(tx, PERIOD) });
    });
  });
  return {
    calculation,
    obligations: owed,
    'lists of creators and subscribers': lists,
    'earnings of a creator': ofCreator,
    lock,
    'posting earnings': posting,
    close,
    'list of exports': await longestBlock(() => listExports(store, PERIOD)),
    exports: await longestBlock(() => saveExports(store, PERIOD, EXPORT_NAMES, folder)),
    binder: await longestBlock(() => makeBinder(context, PERIOD, '')),
  };
}

/** Who has the most allocations. */
async function largestCreator(store: Store): Promise<string> {
  const { creator_id } = await store.db
    .selectFrom('allocation')
    .innerJoin('creator', 'creator.creator_id', 'allocation.creator_id')
    .select('allocation.creator_id')
    .groupBy('allocation.creator_id')
    .orderBy(({ fn }) => fn.countAll(), 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return creator_id;
}

async function ofPayouts(store: Store, count: number): Promise<number> {
  const stripe = await startStripe(100_000, 0, count);
  const client = connect(stripe.direct, 100_000);
  const longest = await longestBlock(async () => {
    const context = await journalOf(store, client);
    const orders = Array.from({ length: count }, (_, index) => payout(index));
    await sendIntents(context, await writeIntents(context, orders), PAY_CONCURRENCY, CONTROL);
  });
  client.close();
  stripe.process.disconnect();
  return longest;
}

/** Lines that were not seen before, and then all of them once more. */
async function ofReconciliation(storePath: string, count: number) {
  const store = openStore(storePath);
  giveWorker(store, WORKER);
  const context = await listedAtStripe(store, count);
  const longest = {
    'new lines of Stripe': await longestBlock(() => ingestAll(context, count)),
    reconciliation: await longestBlock(() => matchAll(context)),
    'list of lines': await longestBlock(() =>
      listLines(store, { ...FIRST_PAGE, period: '2026-11', sort: 'amount', search: 'charge' }),
    ),
    'view of a paid month': await longestBlock(() => monthEndView(context, new RunGuard(), toPeriod('2026-10'))),
  };
  await store.close();
  return longest;
}

/** Events that follow from one another are added up to `count`. */
async function ofVerification(store: Store, count: number): Promise<number> {
  const [last] = store.iterate<{ seq: bigint; hash: string }>(
    'SELECT seq, hash FROM audit_event ORDER BY seq DESC LIMIT 1',
  );
  let prev_hash = last?.hash ?? GENESIS;
  store.exec('BEGIN');
  const insert = store.prepare('INSERT INTO audit_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (let seq = (last?.seq ?? 0n) + 1n; seq <= BigInt(count); seq += 1n) {
    const payload = `{"amount":"${seq}","state":"posted"}`;
    const fields = {
      seq,
      at: '2026-11-02T09:00:00.000Z',
      actor: 'Bench',
      action: 'intent.posted',
      subject: `po_${seq}`,
    };
    const event = { ...fields, payload_hash: sha256(payload), prev_hash };
    const hash = auditHash(event);
    insert.run(...Object.values(fields), payload, event.payload_hash, prev_hash, hash);
    prev_hash = hash;
  }
  store.exec('COMMIT');
  return longestBlock(() => verifyAuditLog(contextOf(store)));
}

async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 4 * RESOLUTION_MS));
  delay.enable();
  await turn();
  await work();
  await turn();
  delay.disable();
  // Waiting for the next look is no block.
  return Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
}
