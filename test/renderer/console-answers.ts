/** What the main process answers to Audit & exports, Revenue, Settings and Welcome, for their tests and for looking at them. */
import type {
  AuditRow,
  CertificateView,
  ConnectionReport,
  PayoutForecast,
  Reply,
  RevenueMonth,
  ScheduleView,
  UsageView,
} from '../../shared/contract';
import { type FakeAnswers, pageOfRows, settings } from './fake-coffer';

export const rails: Reply<'settings.get'>['rails'] = [
  {
    name: 'financial-account',
    title: 'Financial account at Stripe',
    description: 'Creators’ money is kept in a Stripe financial account of its own, apart from the Payments balance.',
    segregatedAtStripe: true,
    hasStorageAccount: true,
    releaseByApi: false,
  },
  {
    name: 'earmark',
    title: 'Earmark in Coffer',
    description:
      'Creators’ money is earmarked in Coffer’s own ledger. At Stripe there is one Payments balance; nothing is kept apart there.',
    segregatedAtStripe: false,
    hasStorageAccount: false,
    releaseByApi: true,
  },
];

export const forecast: PayoutForecast = {
  period: '2026-10',
  days: 28,
  daysInMonth: 31,
  owed: '4888105',
  pay: '4567350',
  payCreators: 198,
  carried: '39280',
  held: '268800',
  suspense: '12675',
  atThisPace: '5361163',
};

export const usage: UsageView = {
  period: '2026-10',
  bands: [
    { band: 'low', subscribers: 41, unallocated: '61250' },
    { band: 'medium', subscribers: 77, unallocated: '38410' },
    { band: 'high', subscribers: 1_906, unallocated: '20115' },
  ],
  halfUnused: { subscribers: 46, unallocated: '66750' },
};

export const schedule: ScheduleView = {
  settings: {
    remind: true,
    remindDaysBefore: 3,
    remindDaysAfter: 1,
    prepare: true,
    prepareDay: 2,
    prepareHour: 9,
    keepInTray: false,
  },
  openPeriod: '2026-10',
  next: [
    { kind: 'remind-after', period: '2026-10', at: '2026-11-02T09:00:00.000Z' },
    { kind: 'prepare', period: '2026-10', at: '2026-11-02T09:00:00.000Z' },
  ],
  past: [
    {
      kind: 'remind-before',
      period: '2026-10',
      dueAt: '2026-10-28T09:00:00.000Z',
      startedAt: '2026-10-28T09:00:41.000Z',
      endedAt: '2026-10-28T09:00:41.000Z',
      state: 'reminded',
      detail: '',
      funding: [],
    },
    {
      kind: 'prepare',
      period: '2026-09',
      dueAt: '2026-10-02T09:00:00.000Z',
      startedAt: '2026-10-03T07:12:05.000Z',
      endedAt: '2026-10-03T07:12:09.000Z',
      state: 'ready',
      detail: 'Fund Storage, review the plan, then approve it.',
      funding: [
        { currency: 'eur', amount: '961000' },
        { currency: 'usd', amount: '4415215' },
      ],
    },
    {
      kind: 'prepare',
      period: '2026-08',
      dueAt: '2026-09-02T09:00:00.000Z',
      startedAt: '2026-09-02T09:00:18.000Z',
      endedAt: '2026-09-02T09:00:20.000Z',
      state: 'stopped',
      detail: 'Preflight has 1 warning that nobody acknowledged. Read and acknowledge them first.',
      funding: [],
    },
  ],
};

const granted = (kind: 'read' | 'write', resource: string, does: string) =>
  ({ kind, resource, access: 'granted', does, meaning: `Coffer can ${does}.` }) as const;

export const accepted: ConnectionReport = {
  ok: true,
  mode: 'test',
  account: 'acct_1PqR7xLkdIwHu7ix',
  accountName: 'Patchwork Studio',
  storageAccount: 'fa_test_65RLEfVx9tG2',
  openStorageAccounts: 1,
  message: 'Connected to Patchwork Studio.',
  hint: '',
  permissions: [
    granted('read', 'Balance (read)', 'show the Payments balance'),
    granted('read', 'Balance transactions (read)', 'reconcile Payments line by line'),
    granted('read', 'Balance settings (read)', 'find automatic payouts and transfer rules'),
    granted('read', 'Financial accounts (read)', 'show the Storage balance'),
    granted('write', 'Payouts (write)', 'move money from Payments to Storage'),
    granted('write', 'Outbound payments (write)', 'pay creators from Storage'),
  ],
};

export const refused: ConnectionReport = {
  ...accepted,
  ok: false,
  message: 'The key works, but it may not read: Financial accounts (read). Nothing was stored.',
  hint: 'Grant these on the restricted key in the Stripe dashboard under Developers → API keys, then test it again.',
  permissions: accepted.permissions.map((one) =>
    one.resource === 'Financial accounts (read)'
      ? { ...one, access: 'refused', meaning: `Coffer cannot ${one.does}.` }
      : one,
  ),
};

const payout = { subject: '0b7f2c1e-41aa-4d7f-9f2d-', subjectLabel: 'Payout to Ada Moreau, 147.40 USD' };
const september = { subject: '2026-09', subjectLabel: '' };

/** Newest first within a round of seven, as the events of a month end follow one another. */
const events = [
  ['intent.posted', 'coffer', payout, 'attempt 1, stripe object obp_61TxQq'],
  ['intent.sending', 'coffer', payout, 'attempt 1'],
  ['intent.planned', 'Mara Lindqvist', payout, 'kind pay, run month-end:2026-09, batch 2026-09-1, amount 147.40 USD'],
  ['month-end.approved', 'Mara Lindqvist', september, 'version 1, from funded, plan hash 9f2c81d04be7a635'],
  ['month-end.funded', 'Mara Lindqvist', september, 'version 1, from lapsed'],
  [
    'alert.acknowledged',
    'Mara Lindqvist',
    { subject: 'outside:txn_1QhTxQq', subjectLabel: 'Money left Storage outside Coffer' },
    'note Asked the bank on the 2nd',
  ],
  [
    'reconciliation.resolved',
    'Mara Lindqvist',
    { subject: 'txn_1QhTxQq', subjectLabel: 'Outbound transfer of 2026-09-30 in Storage, -120.00 USD' },
    'explanation Bank charge of September, class outside-movement, amount -120.00 USD, posted -120.00 USD, against stripe-costs',
  ],
] as const;

export function auditEvent(seq: number): AuditRow {
  const [action, actor, about, detail] = events[(2_377 - seq) % events.length] ?? events[0];
  return {
    seq,
    at: new Date(Date.UTC(2026, 9, 2, 8) + seq * 61_000).toISOString(),
    actor,
    action,
    subject: about === payout ? `${payout.subject}${String(seq).padStart(12, '0')}` : about.subject,
    subjectLabel: about.subjectLabel,
    detail,
    hash: `${(seq * 2_654_435_761).toString(16).padStart(12, '0')}c4f19e27ab5d830f6b1c2d9e7f0a4b8c6d3e5f71a2b9c8d7e6f5`.slice(
      0,
      64,
    ),
  };
}

export const revenueMonths: readonly RevenueMonth[] = Array.from({ length: 14 }, (_, index) => {
  const at = new Date(Date.UTC(2025, 8 + index, 1));
  const collected = 3_900_000 + index * 145_000 + Math.round(Math.sin(index * 1.3) * 260_000);
  const lapsed = Math.round(collected * (0.06 + 0.025 * Math.cos(index)));
  const allocated = collected - lapsed;
  const fee = Math.round(allocated * 0.07);
  const provisional = index === 13;
  return {
    period: at.toISOString().slice(0, 7),
    state: provisional ? 'open' : 'closed',
    collected: String(collected),
    allocated: String(allocated),
    allocationRateBps: Math.floor((allocated * 10_000) / collected),
    lapsed: String(lapsed),
    fee: String(fee),
    paid: String(provisional ? 0 : allocated - fee - 21_000),
    adjustments: '0',
    revenue: String(fee + lapsed),
    provisional,
  };
});

const names: readonly (readonly [string, string, number])[] = [
  ['earnings.csv', 'Earnings of every creator', 214],
  ['unallocated.csv', 'Unallocated funds of every subscriber', 3_044],
  ['payouts.csv', 'Payouts to creators', 197],
  ['operations.csv', 'Every movement of money', 199],
  ['balances.csv', 'Balances over time', 2_976],
  ['reconciliation.csv', 'Lines at Stripe and what they match', 3_518],
  ['journal_entries.csv', 'Journal entries for the accounting system', 4_120],
  ['audit.csv', 'Audit log with its hash chain', 2_377],
  ['audit.jsonl', 'Audit log, one JSON object a line, with its content', 2_377],
  ['summary.json', 'The figures of the month', 2],
];

export const certificate: CertificateView = {
  id: 'MC-0B7F2C1E',
  issuedAt: '2026-09-04T09:12:40.000Z',
  mode: 'sandbox',
  period: '2026-09',
  planHash: '9f2c81d04be7a6359f2c81d04be7a6359f2c81d04be7a6359f2c81d04be7a635',
  approvedBy: 'Mara Lindqvist',
  approvedAt: '2026-09-04T09:10:02.000Z',
  startedAt: '2026-09-04T09:11:30.000Z',
  completedAt: '2026-09-04T09:12:40.000Z',
  durationMs: 70_000,
  before: [{ currency: 'usd', payments: '1000000', storage: '0', obligations: '700000' }],
  after: [{ currency: 'usd', payments: '300000', storage: '700000', obligations: '700000' }],
  operations: [],
  checks: [
    { code: 'all-posted', title: 'Every planned movement is posted', outcome: 'pass', detail: '5 of 5', action: '' },
    {
      code: 'conservation',
      title: 'No money appeared or vanished',
      outcome: 'pass',
      detail: 'To the cent',
      action: '',
    },
  ],
};

export const quietSandbox: Reply<'sandbox.status'> = {
  available: true,
  url: 'http://127.0.0.1:41873',
  now: '2026-10-29T08:31:00.000Z',
  faults: [],
};

export const consoleAnswers: FakeAnswers = {
  'monthEnd.periods': async () => [
    { period: '2026-10', state: 'open', collected: [], paid: [], revenue: [], closedAt: null },
    {
      period: '2026-09',
      state: 'closed',
      collected: [{ currency: 'usd', amount: '5120000' }],
      paid: [{ currency: 'usd', amount: '4120050' }],
      revenue: [{ currency: 'usd', amount: '610000' }],
      closedAt: '2026-10-03T10:00:00.000Z',
    },
  ],
  'exports.list': async ({ period }) =>
    names.map(([name, title, rows]) => {
      const ready = period !== '2026-10' || ['balances.csv', 'audit.csv', 'audit.jsonl'].includes(name);
      return { name, title, rows: ready ? rows : 0, ready, detail: ready ? '' : 'After the month is calculated' };
    }),
  'exports.save': async ({ names: wanted }) => ({
    directory: '/home/mara/Documents/Coffer 2026-09',
    files: names
      .filter(([name]) => wanted.length === 0 || wanted.includes(name))
      .map(([name, , rows]) => ({
        name,
        rows,
        sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
      })),
  }),
  'exports.binder': async () => ({
    path: '/home/mara/Documents/coffer-2026-09.zip',
    sha256: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
  }),
  'audit.list': async ({ sort, descending, ...request }) => {
    const rows = Array.from({ length: 2_377 }, (_, index) => auditEvent(index + 1));
    return pageOfRows(sort === 'seq' && descending === true ? rows.reverse() : rows, request);
  },
  'audit.verify': async () => ({
    ok: true,
    events: 2_377,
    head: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    message: 'Every event follows from the one before it.',
    checkpoints: 3,
    keyFingerprint: 'a1b2 c3d4 e5f6 0718 293a 4b5c 6d7e 8f90',
    checkedAt: '2026-10-29T08:35:00.000Z',
  }),
  'migration.certificate': async () => certificate,
  'revenue.overview': async ({ currency = 'usd' }) => ({
    currency,
    currencies: ['eur', 'jpy', 'usd'],
    months: currency === 'jpy' ? [] : [...revenueMonths],
    forecast: currency === 'jpy' ? null : forecast,
    usage: currency === 'jpy' ? null : usage,
    safeToWithdraw: {
      amount: '842150',
      terms: [
        { name: 'Payments available', detail: 'Settled money at Stripe', amount: '1284250' },
        { name: 'Owed and not in Storage', detail: 'Still has to move to Storage', amount: '0' },
        { name: 'Not allocated yet this month', detail: 'Subscribers may still allocate it', amount: '-86146' },
        { name: 'Fee of the open month', detail: 'Not final before the month is calculated', amount: '-355954' },
        { name: 'Withdrawals not sent yet', detail: 'Written down, still in Payments at Stripe', amount: '0' },
        { name: 'Disputed payments', detail: 'May have to be paid back', amount: '0' },
        { name: 'Refunds under way', detail: 'In the data, not taken by Stripe yet', amount: '0' },
        {
          name: 'Late payments',
          detail: 'Of a locked month; creators may get them once they are posted',
          amount: '0',
        },
        { name: 'Pending below zero', detail: 'Stripe will take it from what is available', amount: '0' },
      ],
      note: 'Pending money is not counted until it is available.',
    },
  }),
  'settings.get': async () => ({ settings, rails }),
  'backups.state': async () => ({
    folder: '/home/mara/.config/Coffer/backups/sandbox',
    damage: null,
    restored: null,
    backups: (['daily', 'before-migration', 'daily', 'manual'] as const).map((reason, index) => {
      const file = `coffer-sandbox-202610${29 - index}-060000.db`;
      return {
        path: `/home/mara/.config/Coffer/backups/sandbox/${file}`,
        file,
        bytes: 4_812_800 - index * 65_536,
        madeAt: `2026-10-${29 - index}T06:00:00.000Z`,
        reason,
        schemaVersion: 1,
        verified: true,
        sha256: '9c1e77d0b24f6a31'.repeat(4),
      };
    }),
  }),
  'schedule.get': async () => schedule,
  'schedule.update': async (changed) => ({ ...schedule, settings: changed }),
  'settings.storageAccounts': async () => ({
    chosen: null,
    inUse: 'fa_test_65RLEfVx9tG2',
    accounts: [
      {
        id: 'fa_test_65RLEfVx9tG2',
        name: 'Creators',
        open: true,
        currencies: ['eur', 'usd'],
        balances: [{ currency: 'usd', available: '4120050', inbound: '0', outbound: '0' }],
      },
    ],
  }),
  'secrets.status': async () => ({
    keychain: { state: 'ready', detail: 'Keys are kept in the keychain of this computer.', hint: '' },
    keys: [
      { mode: 'test', kind: 'restricted', last4: '7hQe', storage: 'keychain', storedAt: '2026-09-01T08:00:00.000Z' },
    ],
  }),
  'secrets.set': async () => ({ stored: true, report: accepted }),
  'secrets.test': async () => accepted,
  'secrets.clear': async () => null,
  'app.setMode': async () => null,
  'data.summary': async () => ({
    counts: { creators: 214, subscribers: 3_044, payments: 6_210, allocations: 19_804, openings: 212 },
    periods: ['2026-09', '2026-10'],
    lastImport: { at: '2026-10-29T07:55:00.000Z', source: '/home/mara/Exports/2026-10-29', by: 'Mara Lindqvist' },
  }),
  'data.sandboxDatasets': async () => [
    {
      id: 'patchwork',
      title: 'Patchwork Studio',
      description: '43 creators, $10,000 mixed; migrate, then close 2026-10.',
    },
    {
      id: 'month-two',
      title: 'One month later',
      description: 'Already migrated, with carried amounts and a returned payout.',
    },
  ],
  'data.useSandboxDataset': async () => null,
  'dataSource.postgres': async () => ({
    source: null,
    hasPassword: false,
    suggested: {
      port: 5432,
      queries: {
        creators: 'SELECT',
        subscribers: 'SELECT',
        payments: 'SELECT',
        allocations: 'SELECT',
        opening: 'SELECT',
      },
    },
  }),
  'revenue.withdrawals': async () => [],
  'revenue.saveMonths': async () => ({ path: '/home/mara/revenue-usd.csv' }),
  'dataSource.watched': async () => ({ directory: null, found: [] }),
  'sandbox.status': async () => quietSandbox,
  'sandbox.fault': async ({ fault, times }) => ({
    ...quietSandbox,
    faults: [{ kind: fault, detail: times === 1 ? 'the next matching call' : `the next ${times} matching calls` }],
  }),
  'sandbox.clearFaults': async () => quietSandbox,
  'sandbox.outsideMove': async () => null,
};
