/** Answers for Payouts, Creators, Subscribers and Reconciliation: the month end of September and October 2026 of a small platform. */

import { sumsByCurrency } from '../../renderer/format/sums';
import type {
  AllocationTrail,
  ExceptionDetail,
  PayoutDetail,
  PayoutRow,
  PayoutStatus,
  PeriodRow,
  ReconciliationRow,
  ReconciliationSummary,
  Reply,
  SubscriberRow,
} from '../../shared/contract';
import { creator, Failed, type FakeAnswers, pageOfRows } from './fake-coffer';

const usd = (amount: string) => [{ currency: 'usd', amount }];

export const periods: readonly PeriodRow[] = [
  {
    period: '2026-09',
    state: 'closed',
    collected: usd('5120400'),
    paid: usd('4688120'),
    revenue: usd('432280'),
    closedAt: '2026-10-02T16:40:00.000Z',
  },
  {
    period: '2026-10',
    state: 'paid',
    collected: usd('752500'),
    paid: usd('681240'),
    revenue: usd('52500'),
    closedAt: null,
  },
  { period: '2026-11', state: 'open', collected: [], paid: [], revenue: [], closedAt: null },
];

const closedAccount = 'The creator’s bank account is closed. Ask the creator for another one.';
const declined = 'The creator’s bank or card declined the payout. Ask the creator to speak with their bank.';

/** 43 payouts of October: 38 posted, 2 failed, 1 returned, 1 unknown, 1 processing. */
export const octoberPayouts: readonly PayoutRow[] = Array.from({ length: 43 }, (_, index) => {
  const status: PayoutStatus =
    index === 3 || index === 17
      ? 'failed'
      : index === 20
        ? 'returned'
        : index === 29
          ? 'unknown'
          : index === 31
            ? 'processing'
            : 'posted';
  const { creatorId, displayName, stripeAccount } = creator(index);
  return {
    intentId: `in_${String(index + 1).padStart(4, '0')}`,
    period: '2026-10',
    creatorId,
    displayName,
    currency: 'usd',
    amount: index === 3 ? '9380' : index === 17 ? '9380' : String(12_000 + index * 137),
    status,
    reason:
      status === 'failed'
        ? closedAccount
        : status === 'returned'
          ? declined
          : status === 'unknown'
            ? 'Stripe did not answer in time.'
            : '',
    attempts: status === 'unknown' ? 3 : 1,
    stripeAccount,
    stripeObject: status === 'unknown' ? null : `obp_test_61Qh${String(index * 7919).padStart(7, '0')}`,
    batch: '2026-10-1',
    createdAt: `2026-11-02T09:${String(index).padStart(2, '0')}:00.000Z`,
    settledAt: status === 'unknown' || status === 'processing' ? null : '2026-11-03T14:20:00.000Z',
  };
});

const nextActions: Readonly<Partial<Record<PayoutStatus, string>>> = {
  failed: 'Ask for other bank details, then retry.',
  returned: 'Ask the creator to speak with the bank, then retry.',
  unknown: 'Look it up at Stripe.',
  processing: 'Wait for the bank; it usually takes one or two days.',
};

export function payoutDetailOf(row: PayoutRow): PayoutDetail {
  const ended = row.status === 'failed' || row.status === 'returned' || row.status === 'canceled';
  return {
    ...row,
    idempotencyKey: `coffer-${row.intentId}-5b0c1f6e`,
    rail: 'financial-account',
    events: [
      { at: row.createdAt, state: 'planned', attempt: 0, detail: 'Approved by R. Okafor', requestId: null },
      { at: row.createdAt, state: 'sending', attempt: 1, detail: 'Sent to Stripe', requestId: 'req_8hJk2LmN4pQr' },
      {
        at: row.settledAt ?? row.createdAt,
        state: row.status,
        attempt: 1,
        detail: row.reason,
        requestId: 'req_9sTu3VwX5yZa',
      },
    ],
    ledgerLines: [
      {
        at: row.createdAt,
        account: `owed:${row.creatorId}`,
        debit: row.amount,
        credit: '0',
        description: 'Payout sent',
      },
      { at: row.createdAt, account: 'storage', debit: '0', credit: row.amount, description: 'Payout sent' },
      ...(ended && row.settledAt !== null
        ? [
            { at: row.settledAt, account: 'storage', debit: row.amount, credit: '0', description: 'Payout came back' },
            {
              at: row.settledAt,
              account: `owed:${row.creatorId}`,
              debit: '0',
              credit: row.amount,
              description: 'Payout came back',
            },
          ]
        : []),
    ],
    canRetry: ended,
    canCancel: row.status === 'planned' || row.status === 'processing',
    nextAction: nextActions[row.status] ?? '',
  };
}

export function countsOf(rows: readonly PayoutRow[]) {
  const statuses = [...new Set(rows.map((row) => row.status))];
  return statuses.map((status) => {
    const some = rows.filter((row) => row.status === status);
    return {
      status,
      currency: 'usd',
      count: some.length,
      amount: String(some.reduce((sum, row) => sum + BigInt(row.amount), 0n)),
    };
  });
}

export function allocation(index: number): AllocationTrail {
  const { creatorId, displayName } = creator(index % 7);
  const unfunded = index % 9 === 4 ? '150' : '0';
  return {
    allocationId: `al_${String(9000 - index)}`,
    period: index < 20 ? '2026-10' : '2026-09',
    subscriberId: `su_${String(index + 1).padStart(5, '0')}`,
    subscriberName: `Subscriber ${index + 1}`,
    creatorId: index === 6 ? 'cr_ghost' : creatorId,
    creatorName: index === 6 ? '' : displayName,
    currency: 'usd',
    wanted: '500',
    funded: String(500 - Number(unfunded)),
    unfunded,
    status: 'active',
    updatedAt: `2026-10-${String((index % 28) + 1).padStart(2, '0')}T10:00:00.000Z`,
  };
}

export const subscribers: readonly SubscriberRow[] = Array.from({ length: 140 }, (_, index) => {
  const unallocated = [800, 300, 0, 550][index % 4] ?? 0;
  return {
    subscriberId: `su_${String(index + 1).padStart(5, '0')}`,
    displayName: `Subscriber ${index + 1}`,
    period: '2026-10',
    currency: 'usd',
    funds: '1000',
    allocated: String(1000 - unallocated),
    unfunded: index % 4 === 2 ? '250' : '0',
    unallocated: String(unallocated),
    usageBand: unallocated > 500 ? ('low' as const) : unallocated > 250 ? ('medium' as const) : ('high' as const),
    lapsed: index % 4 === 0,
  };
});

export const lines: readonly ReconciliationRow[] = Array.from({ length: 120 }, (_, index) => {
  const outcome = index === 4 || index === 9 ? 'exception' : index % 31 === 7 ? 'timing' : 'matched';
  const paid = index % 3 === 0;
  const stripeId =
    index === 4 ? 'trx_outside_1' : `${paid ? 'trx' : 'txn'}_1Nv${String(index * 7919).padStart(9, '0')}`;
  return {
    lineId: stripeId,
    stripeId,
    side: paid || index === 4 ? 'storage' : 'payments',
    type: index === 4 ? 'outbound_transfer' : paid ? 'outbound_payment' : 'charge',
    currency: 'usd',
    amount: index === 4 ? '-12000' : paid ? String(-12_000 - index) : String(1_500 + index),
    at: `2026-10-${String(31 - (index % 30)).padStart(2, '0')}T12:00:00.000Z`,
    intentId: paid && outcome === 'matched' ? `in_${String((index % 43) + 1).padStart(4, '0')}` : null,
    movement: paid && outcome === 'matched' ? { kind: 'pay', part: 'month-end', period: '2026-10' } : null,
    outcome,
    explanation:
      index === 9
        ? 'Wire returned by the bank, advice 4711.'
        : outcome === 'exception'
          ? 'Not a movement of ours: money moved in Storage outside Coffer'
          : outcome === 'timing'
            ? 'A movement of ours of this amount is under way; matched when its outcome is recorded'
            : paid
              ? `Payout to cr_${String(index + 1).padStart(6, '0')}, 2026-10`
              : 'Subscription money received',
    class: index === 4 ? 'outside-movement' : index === 9 ? 'unknown-to-us' : null,
    owner: null,
    note: null,
    resolvedBy: index === 9 ? 'Mara Lindqvist' : null,
  };
});

/** Both sides of a line of `lines`. */
export function exceptionOf(lineId: string): ExceptionDetail {
  const line = lines.find((row) => row.lineId === lineId);
  if (line === undefined || line.side === 'ledger')
    throw new Failed(`${lineId} is not an exception.`, 'Refresh the list.');
  const { side, type, at, currency, amount } = line;
  return {
    line,
    cause: 'Somebody moved money of Storage in the Stripe dashboard, or by another program with a key of this account.',
    suggestion:
      'Find out who did it in the dashboard under Developers, Logs or Team. Bring the money back, then explain both lines. If it was right, write who approved it and post it.',
    account: 'platform-funds',
    correction: line.resolvedBy === null ? [{ currency, amount }] : [],
    atStripe: [
      { lineId, side, type, at, currency, amount, source: 'obt_1Nv0004', description: 'Payout from the dashboard' },
    ],
    inBooks: [],
    history: [],
  };
}

export const summary: ReconciliationSummary = {
  period: '2026-10',
  ranAt: '2026-11-03T15:00:00.000Z',
  counts: { matched: 114, timing: 4, exception: 1, resolved: 1 },
  classes: [{ class: 'outside-movement', open: 1 }],
  proof: [
    { side: 'payments', currency: 'usd', opening: '3000000', lines: '-1715750', closing: '1284250', difference: '0' },
    { side: 'storage', currency: 'usd', opening: '7000000', lines: '-2280435', closing: '4719565', difference: '0' },
    { side: 'payments', currency: 'eur', opening: '402150', lines: '0', closing: '402150', difference: '0' },
    { side: 'storage', currency: 'eur', opening: '961000', lines: '-38000', closing: '911000', difference: '-12000' },
  ],
};

type StatementMonth = Reply<'creators.statement'>['earnings'][number];

const statementMonth = (
  period: string,
  [gross, fee, net]: readonly [string, string, string],
  [opening, payable, paid, owedAfter]: readonly [string, string, string, string],
  disposition: StatementMonth['disposition'],
  reason = '',
): StatementMonth => ({
  period,
  currency: 'usd',
  gross,
  fee,
  net,
  opening,
  payable,
  paid,
  owedAfter,
  disposition,
  reason,
  provisional: period === '2026-10',
});

/** Opening + net = payable, payable − paid = owed after = the next opening. */
const statementMonths: readonly StatementMonth[] = [
  statementMonth('2026-10', ['128400', '8988', '119412'], ['0', '119412', '0', '119412'], 'paid'),
  statementMonth('2026-09', ['125300', '8771', '116529'], ['113646', '230175', '230175', '0'], 'paid'),
  statementMonth('2026-08', ['122200', '8554', '113646'], ['0', '113646', '0', '113646'], 'failed', closedAccount),
  statementMonth('2026-07', ['119100', '8337', '110763'], ['1820', '112583', '112583', '0'], 'paid'),
  statementMonth(
    '2026-06',
    ['1957', '137', '1820'],
    ['0', '1820', '0', '1820'],
    'carried',
    'Below the smallest payout of 25.00 USD',
  ),
];

const statementPayouts = [
  ['2026-09', '230175', 'posted', '2026-10-05'],
  ['2026-08', '113646', 'failed', '2026-09-04'],
  ['2026-07', '112583', 'posted', '2026-08-05'],
].map(([period = '', amount = '', status, day = ''], index) => ({
  intentId: `in_${String(index + 1).padStart(4, '0')}`,
  period,
  currency: 'usd',
  amount,
  status: status === 'failed' ? ('failed' as const) : ('posted' as const),
  stripeObject: `obp_test_61Qh${String(index * 7919).padStart(7, '0')}`,
  settledAt: `${day}T14:20:00.000Z`,
}));

export const lists: FakeAnswers = {
  'monthEnd.periods': async () => [...periods],
  'payouts.list': async ({ period, status, creatorId, ...request }) => {
    const rows = octoberPayouts.filter(
      (row) =>
        (period === undefined || row.period === period) && (creatorId === undefined || row.creatorId === creatorId),
    );
    return {
      counts: countsOf(rows),
      totals: [...sumsByCurrency(rows)],
      page: pageOfRows(
        rows.filter((row) => status === undefined || row.status === status),
        request,
      ),
    };
  },
  'payouts.get': async ({ intentId }) => {
    const row = octoberPayouts.find((one) => one.intentId === intentId);
    if (row === undefined) throw new Failed(`There is no payout ${intentId}.`, 'Refresh the list.');
    return payoutDetailOf(row);
  },
  'payouts.retry': async () => null,
  'payouts.cancel': async () => null,
  'payouts.resolve': async ({ intentId }) => {
    const row = octoberPayouts.find((one) => one.intentId === intentId);
    if (row === undefined) throw new Failed(`There is no payout ${intentId}.`, 'Refresh the list.');
    return payoutDetailOf({ ...row, status: 'posted', reason: '', settledAt: '2026-11-03T16:00:00.000Z' });
  },
  'payouts.hold': async () => null,
  'payouts.releaseHold': async () => null,
  'creators.suspense': async () => [
    { period: '2026-10', creatorId: 'cr_ghost', currency: 'usd', amount: '9675', allocations: 21, waitsFor: null },
    { period: '2026-10', creatorId: 'cr_typo_0041', currency: 'usd', amount: '3000', allocations: 6, waitsFor: null },
  ],
  'creators.statement': async ({ creatorId }) => {
    const { displayName, email, stripeAccount, holdReason } =
      Array.from({ length: 200 }, (_, index) => creator(index)).find((one) => one.creatorId === creatorId) ??
      creator(0);
    return {
      creatorId,
      displayName,
      email,
      stripeAccount,
      holdReason,
      earnings: [...statementMonths],
      allocations: Array.from({ length: 30 }, (_, index) => allocation(index)),
      allocationCount: 1_204,
      payouts: [...statementPayouts],
    };
  },
  'creators.saveStatement': async ({ creatorId, format }) => ({ path: `statement-${creatorId}.${format}` }),
  'creators.saveEarnings': async ({ creators }) => ({
    path: '/home/mara/statements.csv',
    creators: creators.length === 0 ? 214 : creators.length,
    rows: creators.length === 0 ? 1_926 : creators.length * 9,
  }),
  'earnings.forUser': async (which) => ({
    creatorId: 'creatorId' in which ? which.creatorId : 'cr_000001',
    email: 'email' in which ? which.email : 'ida@example.com',
    displayName: 'Ada Okafor',
    currencies: [
      {
        currency: 'usd',
        pending: '119412',
        available: '0',
        paid: '342758',
        held: '0',
        unfunded: '1050',
        lifetime: '342758',
      },
    ],
    months: [],
    sources: [
      { subscriberId: 'su_00002', displayName: 'Ben Alvarez', currency: 'usd', funded: '64800', unfunded: '0' },
      { subscriberId: 'su_00007', displayName: 'Noor Haddad', currency: 'usd', funded: '51200', unfunded: '1050' },
    ],
    sourceCount: 1_204,
  }),
  'subscribers.list': async ({ period, onlyHalfUnused, ...request }) =>
    pageOfRows(
      subscribers.filter((row) => row.period === period && (onlyHalfUnused !== true || Number(row.unallocated) >= 500)),
      request,
    ),
  'subscribers.statement': async ({ subscriberId }) => ({
    subscriberId,
    displayName: subscribers.find((row) => row.subscriberId === subscriberId)?.displayName ?? subscriberId,
    payments: [
      {
        paymentId: 'pm_3',
        period: '2026-10',
        currency: 'usd',
        amount: '1000',
        refunded: '200',
        status: 'succeeded',
        paidAt: '2026-10-02T08:00:00.000Z',
      },
      {
        paymentId: 'pm_2',
        period: '2026-10',
        currency: 'usd',
        amount: '1000',
        refunded: '0',
        status: 'disputed',
        paidAt: '2026-10-01T08:00:00.000Z',
      },
      {
        paymentId: 'pm_1',
        period: '2026-09',
        currency: 'usd',
        amount: '1000',
        refunded: '0',
        status: 'succeeded',
        paidAt: '2026-09-02T08:00:00.000Z',
      },
    ],
    allocations: [
      { ...allocation(0), allocationId: 'al_3', wanted: '300', funded: '300', unfunded: '0' },
      { ...allocation(6), allocationId: 'al_2', wanted: '200', funded: '200', unfunded: '0' },
      { ...allocation(22), allocationId: 'al_1', wanted: '1100', funded: '1000', unfunded: '100' },
    ],
  }),
  'reconciliation.summary': async ({ period }) => ({ ...summary, period }),
  'reconciliation.list': async ({ period, outcome, class: wanted, owner, ...request }) =>
    pageOfRows(
      period === '2026-10'
        ? lines.filter(
            (row) =>
              (outcome === undefined || row.outcome === outcome) &&
              (wanted === undefined || row.class === wanted) &&
              (owner === undefined || (row.outcome === 'exception' && (owner === 'nobody') === (row.owner === null))),
          )
        : [],
      request,
    ),
  'reconciliation.history': async ({ period }) =>
    ['03', '04'].map((day) => ({
      day: `${period}-${day}`,
      side: 'payments' as const,
      currency: 'usd',
      opening: day === '03' ? '3000000' : '3004100',
      lines: [
        { kind: 'receipt' as const, amount: '6000' },
        { kind: 'refund' as const, amount: '-1500' },
        { kind: 'dispute' as const, amount: '-400' },
      ],
      closing: day === '03' ? '3004100' : '3008200',
    })),
  'reconciliation.get': async ({ lineId }) => exceptionOf(lineId),
  'reconciliation.take': async ({ lineId, take }) => {
    const detail = exceptionOf(lineId);
    const by = 'Mara Lindqvist';
    return {
      ...detail,
      line: { ...detail.line, owner: take ? by : null },
      history: [{ at: '2026-11-03T15:10:00.000Z', actor: by, text: take ? 'Took it' : 'Gave it back' }],
    };
  },
  'reconciliation.note': async ({ lineId, note }) => {
    const detail = exceptionOf(lineId);
    return { ...detail, line: { ...detail.line, note } };
  },
  'reconciliation.resolve': async ({ period }) => ({
    ...summary,
    period,
    counts: { ...summary.counts, exception: 0, resolved: 2 },
    classes: [],
  }),
};
