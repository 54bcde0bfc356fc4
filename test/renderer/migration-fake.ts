/** A migration over the fake: 10,000.00 mixed becomes 3,000.00 Payments and 7,000.00 Storage. The main process is played step by step. */
import type {
  CertificateView,
  CheckView,
  FailureView,
  MigrationPlanView,
  MigrationView,
  MonthEndView,
  OperationView,
} from '../../shared/contract';
import { type FakeAnswers, type FakeCoffer, fakeCoffer, pageOfRows } from './fake-coffer';
import { guidedLapse } from './month-end-fake';

const planHash = '8f41c2d09be7a35514cf0a9e6d2b7713e0a4d5986b1f3c20aa97e6b4d1083f5c';
export const confirmation = '7000.00 2026-10';

export const amounts = ['418', '100000', '100000', '100000', '100000', '100000', '100000', '99582'];

function operation(index: number, status: string): OperationView {
  const moved = status === 'posted';
  return {
    index,
    intentId: `in_${index}`,
    kind: index === 0 ? 'canary' : 'fund',
    currency: 'usd',
    amount: amounts[index] ?? '0',
    status,
    stripeObject: moved ? `obt_test_61Tq7R2dKx0${index}` : null,
    startedAt: moved || status === 'sending' ? `2026-10-30T09:1${index}:00.000Z` : null,
    settledAt: moved ? `2026-10-30T09:1${index}:21.000Z` : null,
    detail: '',
  };
}

function operations(posted: number, next = 'planned'): OperationView[] {
  return amounts.map((_, index) => operation(index, index < posted ? 'posted' : index === posted ? next : 'planned'));
}

export const plan: MigrationPlanView = {
  planHash,
  createdAt: '2026-10-30T09:02:00.000Z',
  period: '2026-10',
  before: [{ currency: 'usd', payments: '1000000', storage: '0', obligations: '700000' }],
  after: [{ currency: 'usd', payments: '300000', storage: '700000', obligations: '700000' }],
  delta: [{ currency: 'usd', amount: '700000' }],
  operations: operations(0),
  operationCount: amounts.length,
  creators: 214,
  confirmation,
  notes: [
    'The first movement is small, as a test (the canary): 4.18 USD. It is verified at both ends before anything else moves.',
  ],
};

export const beforePlan: MigrationView = {
  id: null,
  state: 'preflight',
  period: null,
  plan: null,
  approvedBy: null,
  approvedAt: null,
  startedAt: null,
  endedAt: null,
  operations: [],
  operationCount: 0,
  postedCount: 0,
  moved: [],
  running: false,
  stopReason: null,
  verification: [],
  hasCertificate: false,
  rollbackConfirmation: '',
  mayRollBack: false,
  notNeeded: false,
};

export const planned: MigrationView = {
  ...beforePlan,
  id: 'mig_1',
  state: 'planned',
  period: '2026-10',
  plan,
  operations: plan.operations,
  operationCount: plan.operationCount,
};

export const approved: MigrationView = {
  ...planned,
  state: 'approved',
  approvedBy: 'Mara Lindqvist',
  approvedAt: '2026-10-30T09:05:00.000Z',
};

function movedOf(posted: number): string {
  return String(amounts.slice(0, posted).reduce((sum, amount) => sum + BigInt(amount), 0n));
}

export function executing(posted: number): MigrationView {
  return {
    ...approved,
    state: 'executing',
    running: true,
    startedAt: '2026-10-30T09:10:00.000Z',
    operations: operations(posted, 'sending'),
    postedCount: posted,
    moved: posted === 0 ? [] : [{ currency: 'usd', amount: movedOf(posted) }],
  };
}

export function stopped(posted: number, reason: string, next = 'planned'): MigrationView {
  return {
    ...executing(posted),
    state: 'stopped',
    running: false,
    stopReason: reason,
    operations: operations(posted, next),
    mayRollBack: true,
    rollbackConfirmation: `${movedOf(posted).slice(0, -2)}.${movedOf(posted).slice(-2)} 2026-10`,
  };
}

export const verification: CheckView[] = [
  ['all-posted', 'Every planned movement is posted', '8 of 8'],
  ['sum-usd', 'The movements sum to the plan (USD)', '7000.00 of 7000.00'],
  ['covered-usd', 'Storage covers what is owed (USD)', 'Storage 7000.00, owed 7000.00'],
  ['trial-balance', 'Debits equal credits', 'Over the whole ledger, in every currency'],
  [
    'conservation',
    'No money appeared or vanished',
    'Payments, Storage and movements under way agree with Stripe to the cent',
  ],
].map(([code = '', title = '', detail = '']) => ({ code, title, detail, outcome: 'pass', action: '' }));

export const completed: MigrationView = {
  ...executing(amounts.length),
  state: 'completed',
  running: false,
  endedAt: '2026-10-30T09:18:21.000Z',
  verification,
  hasCertificate: true,
  rollbackConfirmation: confirmation,
  mayRollBack: true,
};

export const rollingBack: MigrationView = {
  ...stopped(4, ''),
  state: 'rolling-back',
  stopReason: null,
  operations: [
    ...operations(4),
    {
      index: amounts.length,
      intentId: 'in_back',
      kind: 'compensate',
      currency: 'usd',
      amount: movedOf(4),
      status: 'planned',
      stripeObject: null,
      startedAt: '2026-10-30T09:30:00.000Z',
      settledAt: null,
      detail: '',
    },
  ],
  operationCount: amounts.length + 1,
};

export const rolledBack: MigrationView = {
  ...rollingBack,
  state: 'rolled-back',
  endedAt: '2026-10-30T09:41:00.000Z',
  postedCount: 0,
  moved: [],
  rollbackConfirmation: '',
  mayRollBack: false,
  operations: rollingBack.operations.map((one) => {
    if (one.kind === 'compensate') {
      return { ...one, status: 'posted', stripeObject: 'obt_test_61Tq9back', settledAt: '2026-10-30T09:41:00.000Z' };
    }
    return one.status === 'posted' ? { ...one, status: 'compensated' } : one;
  }),
};

export const notNeeded: MigrationView = {
  ...planned,
  plan: {
    ...plan,
    before: plan.after,
    delta: [],
    operations: [],
    operationCount: 0,
    confirmation: '',
    notes: [],
  },
  operations: [],
  operationCount: 0,
  notNeeded: true,
};

export const certificate: CertificateView = {
  id: 'MC-5B0D21F7',
  issuedAt: '2026-10-30T09:18:21.000Z',
  mode: 'sandbox',
  period: '2026-10',
  planHash,
  approvedBy: 'Mara Lindqvist',
  approvedAt: '2026-10-30T09:05:00.000Z',
  startedAt: '2026-10-30T09:10:00.000Z',
  completedAt: '2026-10-30T09:18:21.000Z',
  durationMs: 501_000,
  before: plan.before,
  after: plan.after,
  operations: completed.operations,
  checks: verification,
};

export const preflightChecks: CheckView[] = [
  { code: 'connection', outcome: 'pass', title: 'Stripe answers', detail: 'Both balances were read', action: '' },
  {
    code: 'known',
    outcome: 'pass',
    title: 'Every movement has a known outcome',
    detail: 'Nothing is unknown at Stripe',
    action: '',
  },
  {
    code: 'payments-usd',
    outcome: 'pass',
    title: 'Payments covers the move (USD)',
    detail: 'Available 10,000.00, to be moved 7,000.00',
    action: '',
  },
  {
    code: 'automatic-payouts',
    outcome: 'warning',
    title: 'Automatic payouts are on at Stripe',
    detail: 'Stripe may pay the Payments balance out by itself while the migration runs.',
    action: 'Set the payout schedule to manual in the Stripe dashboard.',
  },
];

const creators = Array.from({ length: 214 }, (_, index) => ({
  creatorId: `cr_${String(index + 1).padStart(4, '0')}`,
  displayName: `Creator ${String(index + 1).padStart(3, '0')}`,
  currency: 'usd',
  opening: String((index * 137) % 2_000),
  openPeriod: String(1_000 + ((index * 911) % 3_000)),
  owed: String(((index * 137) % 2_000) + 1_000 + ((index * 911) % 3_000)),
}));

/** The month end's own status, with the release of the rollback as the task that waits for a person. */
const waitingForTheWayBack: MonthEndView = {
  ...guidedLapse,
  guided: guidedLapse.guided.map((task) => ({
    ...task,
    intentId: 'in_back',
    amount: movedOf(4),
    title: task.title.replace('120.00', '3,004.18'),
    clicks: task.clicks.map((click) => click.replace('120.00', '3,004.18')),
  })),
};

/** The main process of a migration that starts at `view`. Execution goes on as far as the test emits events. */
export function migrationCoffer(view: MigrationView, answers: FakeAnswers = {}): FakeCoffer {
  return fakeCoffer({
    'app.unfinished': async () => [],
    'migration.status': async () => view,
    'migration.preflight': async () => preflightChecks,
    'migration.obligations': async (request) => ({
      totals: [{ currency: 'usd', owed: '700000', storage: '0', delta: '700000' }],
      page: pageOfRows(creators, request),
    }),
    'migration.plan': async () => planned,
    'migration.approve': async () => approved,
    'migration.execute': async () => executing(0),
    'migration.stop': async () => executing(3),
    'migration.rollback': async () => rollingBack,
    'monthEnd.status': async () => waitingForTheWayBack,
    'migration.certificate': async () => certificate,
    'sandbox.performGuided': async () => null,
    ...answers,
  });
}

/** The same fake, whose channel refuses with this failure the first `times` times. */
export function refusing(fake: FakeCoffer, channel: string, error: FailureView, times = 1): FakeCoffer {
  let left = times;
  return {
    ...fake,
    call: async (name, args) => {
      const result = await fake.call(name, args);
      if (name !== channel || left === 0) return result;
      left -= 1;
      return { ok: false, error };
    },
  };
}
