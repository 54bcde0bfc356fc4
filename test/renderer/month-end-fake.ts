/** Month ends over the fake: October 2026 of a small platform at every step. */
import type { MonthEndStep, MonthEndView, PayoutPlanView, PeriodRow, StepView } from '../../shared/contract';
import { type FakeAnswers, type FakeCoffer, fakeCoffer } from './fake-coffer';

export const period = '2026-10';
export const planHash = 'c07b9e1f52d84a6613e9f0b7728cd5a4419e83b6f0d2a75c18e6430bb9f1d27a';
export const secondHash = '11aa4e1f52d84a6613e9f0b7728cd5a4419e83b6f0d2a75c18e6430bb9f1d200';

const order: readonly MonthEndStep[] = [
  'preflight',
  'lock',
  'earnings',
  'lapse',
  'fund',
  'approve',
  'pay',
  'reconcile',
  'close',
];

const states: Readonly<Record<MonthEndStep, MonthEndView['state']>> = {
  preflight: 'open',
  lock: 'open',
  earnings: 'locked',
  lapse: 'calculated',
  fund: 'lapsed',
  approve: 'funded',
  pay: 'approved',
  reconcile: 'paid',
  close: 'reconciled',
};

const words: Readonly<Record<MonthEndStep, readonly [title: string, purpose: string, button: string]>> = {
  preflight: [
    'Preflight',
    'Checks the data, the connection and everything that could move money outside Coffer.',
    'Run the checks',
  ],
  lock: [
    'Lock',
    'Freezes the payments and allocations of the month, with a hash. Later edits change nothing.',
    'Lock 2026-10',
  ],
  earnings: [
    'Earnings',
    'Calculates what every creator earned and what the platform keeps as its fee.',
    'Calculate earnings',
  ],
  lapse: [
    'Use it or lose it',
    'Unallocated money becomes revenue; what Storage holds beyond what is owed goes back.',
    'Lapse unallocated funds',
  ],
  fund: ['Fund', 'Brings Storage to what is owed and waits until it is available there.', 'Fund Storage'],
  approve: ['Approve', 'Shows every payout; the approval is bound to exactly this plan.', 'Review and approve'],
  pay: ['Pay', 'Pays creators out of Storage, each payout with its own record and status.', 'Pay 43 payouts'],
  reconcile: ['Reconcile', 'Compares every line at Stripe with our entries.', 'Reconcile'],
  close: [
    'Close',
    'Storage holds what is still owed, by name. Signs the figures and opens the next month.',
    'Close 2026-10',
  ],
};

const usd = (label: string, amount: string) => ({ label, amount: { currency: 'usd', amount }, text: null });
const jpy = (label: string, amount: string) => ({ label, amount: { currency: 'jpy', amount }, text: null });
const text = (label: string, value: string) => ({ label, amount: null, text: value });

const facts: Readonly<Record<MonthEndStep, StepView['facts']>> = {
  preflight: [
    text('Data is present', '1284 payments and 3127 allocations in 2026-10'),
    text('The data is from after the month ended', 'Last import 2026-11-01'),
    text('The month before is closed', 'No earlier month is open'),
    text('Every movement has a known outcome', 'Nothing is unknown at Stripe'),
    text('No migration is needed', 'Storage holds what was owed before this month'),
  ],
  lock: [
    text('Payments locked', '1284'),
    text('Allocations locked', '3127'),
    usd('Collected', '812650'),
    usd('Allocated and funded', '769892'),
    text('Snapshot', '9c1e77d0b24f6a31'),
  ],
  earnings: [
    text('Creators', '52'),
    usd('Collected', '812650'),
    usd('Allocated and funded', '769892'),
    usd('Platform fee', '53892'),
    usd('Net to creators', '716000'),
    usd('Owed from before', '12340'),
    usd('Payable', '728340'),
    jpy('Collected', '98000'),
    jpy('Allocated and funded', '91400'),
    jpy('Platform fee', '6398'),
    jpy('Net to creators', '85002'),
    jpy('Owed from before', '0'),
    jpy('Payable', '85002'),
  ],
  lapse: [
    usd('Lapsed to revenue', '42758'),
    jpy('Lapsed to revenue', '6600'),
    text('Subscribers with unallocated funds (USD)', '188'),
    text('Subscribers with half or more unused (USD)', '61'),
  ],
  fund: [usd('Moved to Storage', '421500'), usd('Storage available', '728340')],
  approve: [
    usd('To pay', '700000'),
    usd('Held', '22100'),
    usd('Carried forward', '6240'),
    text('Plan', planHash.slice(0, 16)),
  ],
  pay: [
    text('Payouts posted (USD)', '41 of 43'),
    usd('Paid', '681240'),
    usd('Still in Storage after failed payouts', '18760'),
  ],
  reconcile: [
    text('Lines matched', '1402'),
    text('Timing differences', '3'),
    text('Exceptions explained', '0'),
    usd('Payments when Coffer took over', '1000000'),
    usd('Payments, all lines since', '-608890'),
    usd('Payments at Stripe, the sum of both', '391110'),
    usd('Storage when Coffer took over', '0'),
    usd('Storage, all lines since', '47100'),
    usd('Storage at Stripe, the sum of both', '47100'),
  ],
  close: [
    usd('Owed from before', '12340'),
    usd('Net to creators', '716000'),
    usd('Paid to creators', '681240'),
    usd('Still owed to creators', '47100'),
    usd('Storage after', '47100'),
    usd('Payments after', '391110'),
  ],
};

/** October when the work stands at `at`; `change` alters that step. */
export function monthEndAt(
  at: MonthEndStep,
  change: Partial<StepView> = {},
  more: Partial<MonthEndView> = {},
): MonthEndView {
  const index = order.indexOf(at);
  const approved = index > order.indexOf('approve');
  return {
    period,
    state: states[at],
    version: 1,
    steps: order.map((step, place): StepView => {
      const [title, purpose, button] = words[step];
      const done = place < index;
      return {
        step,
        title,
        purpose,
        state: done ? 'done' : place === index ? 'ready' : 'waiting',
        blockers: [],
        warnings: [],
        // What the close signs is known before it is signed, but for what Stripe says after it.
        facts: done ? [...facts[step]] : step === 'close' && place === index ? facts.close.slice(0, 4) : [],
        startedAt: done ? `2026-11-02T09:0${place}:00.000Z` : null,
        endedAt: done ? `2026-11-02T09:0${place}:04.200Z` : null,
        actor: done ? 'Mara Lindqvist' : null,
        button,
        confirmation:
          place === index ? ({ pay: '7000.00 2026-10', close: '6812.40 2026-10' }[step as string] ?? '') : '',
        ...(place === index ? change : {}),
      };
    }),
    running: false,
    outcomes: [],
    causes: [],
    guided: [],
    planHash: approved ? planHash : null,
    approvedBy: approved ? 'Mara Lindqvist' : null,
    approvedAt: approved ? '2026-11-02T09:05:04.000Z' : null,
    closedBy: null,
    closedAt: null,
    ...more,
  };
}

export const paidInPart = monthEndAt(
  'reconcile',
  {},
  {
    outcomes: [
      {
        currency: 'usd',
        planned: 43,
        posted: 41,
        processing: 0,
        failed: 2,
        unknown: 0,
        plannedAmount: '700000',
        postedAmount: '681240',
        failedAmount: '18760',
      },
    ],
    causes: [
      {
        cause: 'The bank account of the creator was closed.',
        count: 2,
        amounts: [{ currency: 'usd', amount: '18760' }],
        nextAction: 'Retry on the Payouts screen once the cause is cleared, or leave the amounts to the next month.',
      },
    ],
  },
);

/** Paid in part, with the warning that nobody has read yet. */
export const paidInPartUnread: MonthEndView = {
  ...paidInPart,
  steps: paidInPart.steps.map((step) => {
    if (step.step === 'reconcile') return { ...step, state: 'waiting' };
    return step.step !== 'pay'
      ? step
      : {
          ...step,
          warnings: [
            {
              code: 'failed-payouts-usd',
              message:
                '41 of 43 posted; 2 failed or returned, 187.60 USD still in Storage and still owed. Retry them, or leave them to the next month.',
              acknowledged: false,
            },
          ],
        };
  }),
};

export const payUnknown = monthEndAt(
  'pay',
  {
    state: 'attention',
    confirmation: '',
    button: 'Continue paying',
    blockers: [
      {
        code: 'unknown-payouts',
        message: '1 payout with an unknown outcome.',
        action: 'Run the step again: Stripe is asked what became of them, and nothing is sent twice.',
      },
    ],
  },
  {
    state: 'paying',
    outcomes: [
      {
        currency: 'usd',
        planned: 43,
        posted: 42,
        processing: 0,
        failed: 0,
        unknown: 1,
        plannedAmount: '700000',
        postedAmount: '690620',
        failedAmount: '0',
      },
    ],
  },
);

export const guidedLapse = monthEndAt(
  'lapse',
  {
    state: 'attention',
    blockers: [
      {
        code: 'guided-usd',
        message: 'Move 120.00 USD from Storage to Payments in the Stripe dashboard.',
        action: 'Follow the clicks shown; Coffer finds the movement and goes on.',
      },
    ],
  },
  {
    guided: [
      {
        intentId: 'in_release',
        currency: 'usd',
        amount: '12000',
        title: 'Move 120.00 USD from Storage to Payments',
        clicks: [
          'Open the Stripe dashboard and go to Balances.',
          'Choose the financial account “Storage”.',
          'Choose Move money, then Transfer to Payments.',
          'Enter 120.00 USD and confirm.',
        ],
        since: '2026-11-02T09:04:00.000Z',
        seen: [],
      },
    ],
  },
);

export const closedMonth: MonthEndView = {
  ...monthEndAt('close'),
  state: 'closed',
  steps: monthEndAt('close').steps.map((step) =>
    step.step === 'close'
      ? {
          ...step,
          state: 'done',
          confirmation: '',
          facts: [...facts.close],
          startedAt: '2026-11-02T09:09:00.000Z',
          endedAt: '2026-11-02T09:09:02.000Z',
          actor: 'Mara Lindqvist',
        }
      : step,
  ),
  outcomes: paidInPart.outcomes,
  causes: paidInPart.causes,
  closedBy: 'Mara Lindqvist',
  closedAt: '2026-11-02T09:09:02.000Z',
};

export const payoutPlan: PayoutPlanView = {
  period,
  planHash,
  totals: [
    {
      currency: 'usd',
      payCount: 43,
      pay: '700000',
      heldCount: 3,
      held: '22100',
      carriedCount: 6,
      carried: '6240',
      suspense: '1250',
      storageBefore: '729590',
      storageAfter: '29590',
    },
  ],
  lines: Array.from({ length: 52 }, (_, index): PayoutPlanView['lines'][number] => {
    const disposition = index % 17 === 3 ? 'held' : index % 8 === 6 ? 'carried' : 'paid';
    return {
      creatorId: `cr_${String(index + 1).padStart(4, '0')}`,
      displayName: `Creator ${String(index + 1).padStart(3, '0')}`,
      currency: 'usd',
      payable: String(disposition === 'carried' ? 900 + index : 9_000 + ((index * 7351) % 20_000)),
      disposition,
      reason:
        disposition === 'held'
          ? index > 30
            ? 'Stripe does not allow payouts to the account'
            : 'Identity check at Stripe is open'
          : disposition === 'carried'
            ? 'Below the smallest payout of 25.00 USD'
            : '',
      destination: `acct_1Nv${String(index * 7919).padStart(9, '0')}`,
    };
  }),
  lineCount: 52,
};

const amount = (minor: string) => [{ currency: 'usd', amount: minor }];

export const periods: PeriodRow[] = [
  { period: '2026-11', state: 'open', collected: [], paid: [], revenue: [], closedAt: null },
  { period, state: 'open', collected: amount('812650'), paid: [], revenue: amount('96650'), closedAt: null },
  {
    period: '2026-09',
    state: 'closed',
    collected: amount('798120'),
    paid: amount('688000'),
    revenue: amount('94310'),
    closedAt: '2026-10-02T10:00:00.000Z',
  },
];

/** The main process of a month end that stands at `view`. */
export function monthEndCoffer(view: MonthEndView, answers: FakeAnswers = {}): FakeCoffer {
  return fakeCoffer({
    'app.unfinished': async () => [],
    'monthEnd.periods': async () => periods.map((row) => (row.period === period ? { ...row, state: view.state } : row)),
    'monthEnd.status': async (args) =>
      args.period === '2026-09' ? { ...closedMonth, period: '2026-09' } : { ...view, period: args.period },
    'monthEnd.plan': async () => payoutPlan,
    'monthEnd.acknowledge': async () => paidInPart,
    'monthEnd.stop': async () => view,
    'monthEnd.checkGuided': async () => view,
    'sandbox.performGuided': async () => null,
    ...answers,
  });
}
