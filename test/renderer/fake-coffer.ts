/**
 * A `CofferApi` for tests: the contract's types, believable figures of a small platform in October 2026, no main process.
 * Every channel can be answered differently; a channel without an answer fails and names itself.
 */
import type {
  AlertView,
  Args,
  BalancePoint,
  BalancesOverview,
  ChannelName,
  CofferApi,
  CoverageAt,
  CoverageView,
  CreatorRow,
  DriftItem,
  EventName,
  EventPayload,
  Handlers,
  PageRequest,
  Reply,
  Result,
  SettingsView,
} from '../../shared/contract';

export interface FakeCoffer extends CofferApi {
  /** Pushes an event as the main process would. */
  emit<E extends EventName>(event: E, payload: EventPayload<E>): void;
  /** What was called, in order. */
  readonly calls: readonly { readonly channel: ChannelName; readonly args: unknown }[];
}

export type FakeAnswers = Partial<Handlers>;

/** The answers of `believable` with those given in their place. Throw `Failed` in an answer to fail it. */
export function fakeCoffer(answers: FakeAnswers = {}): FakeCoffer {
  const all: FakeAnswers = { ...believable, ...answers };
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const calls: { channel: ChannelName; args: unknown }[] = [];
  return {
    calls,
    async call<C extends ChannelName>(channel: C, args: Args<C>): Promise<Result<Reply<C>>> {
      calls.push({ channel, args });
      const answer = all[channel] as ((args: Args<C>) => Promise<Reply<C>>) | undefined;
      if (answer === undefined) {
        return { ok: false, error: { code: 'no-answer', message: `No answer for ${channel}.`, hint: 'Give one.' } };
      }
      try {
        return { ok: true, value: await answer(args) };
      } catch (error) {
        if (error instanceof Failed)
          return { ok: false, error: { code: 'failed', message: error.message, hint: error.hint } };
        throw error;
      }
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      set.add(listener as (payload: never) => void);
      return () => set.delete(listener as (payload: never) => void);
    },
    emit(event, payload) {
      for (const listener of listeners.get(event) ?? []) (listener as (value: unknown) => void)(payload);
    },
  };
}

export class Failed extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** Puts a fake in the place of the preload's object. */
export function install(fake: CofferApi): void {
  Object.defineProperty(window, 'coffer', { value: fake, configurable: true, writable: true });
}

const asOf = '2026-10-29T08:30:00.000Z';

export const coverageUsd: CoverageView = {
  currency: 'usd',
  paymentsAvailable: '1284250',
  paymentsPending: '318400',
  storageAvailable: '4719565',
  inboundPending: '62000',
  outboundPending: '118540',
  owed: '4888105',
  owedParts: [
    { name: 'Open period 2026-10, earned so far', detail: 'Net of the 7 % fee, 214 creators', amount: '4415215' },
    { name: 'In transit', detail: 'Payouts of 2026-09 that Stripe still processes', amount: '118540' },
    { name: 'Carried forward', detail: 'Below the smallest payout', amount: '41275' },
    { name: 'Held', detail: '3 creators with a hold', amount: '268800' },
    { name: 'Suspense', detail: 'Allocations to creators that are not known', amount: '12675' },
    { name: 'Returned', detail: 'Payouts that came back from the bank', amount: '31600' },
  ],
  difference: '12000',
  explained: [{ name: 'Funding ahead of allocations', detail: 'Funded 2026-10-28, allocated after', amount: '12000' }],
  unexplained: '0',
  coverageBps: 10024,
  paymentsShareBps: 2464,
  band: 'normal',
};

export const coverageEurShort: CoverageView = {
  currency: 'eur',
  paymentsAvailable: '402150',
  paymentsPending: '0',
  storageAvailable: '911000',
  inboundPending: '0',
  outboundPending: '0',
  owed: '961000',
  owedParts: [{ name: 'Open period 2026-10, earned so far', detail: '38 creators', amount: '961000' }],
  difference: '-50000',
  explained: [
    {
      name: '2026-10 not funded yet',
      detail: 'Earned in that month; moved to Storage at its month end or before',
      amount: '-38000',
      screen: 'month-end?period=2026-10',
    },
  ],
  unexplained: '-12000',
  coverageBps: 9479,
  paymentsShareBps: 3062,
  band: 'watch',
};

export const coverageJpyNothingOwed: CoverageView = {
  ...coverageEurShort,
  currency: 'jpy',
  storageAvailable: '0',
  owed: '0',
  owedParts: [],
  difference: '0',
  explained: [],
  unexplained: '0',
  coverageBps: null,
  paymentsShareBps: 10000,
  band: 'normal',
};

export const overview: BalancesOverview = {
  asOf,
  connection: 'online',
  connectionDetail: 'The embedded Stripe answers.',
  stale: false,
  rail: 'Storage is a financial account at Stripe',
  segregatedAtStripe: true,
  openPeriod: '2026-10',
  currencies: [coverageUsd, coverageEurShort, coverageJpyNothingOwed],
  nextAction: {
    screen: 'month-end?period=2026-10',
    title: 'October closes in 2 days',
    detail: 'Two warnings are left in the preflight of 2026-10. The period can be locked from 2026-11-01.',
    button: 'Open the month end of 2026-10',
  },
};

export const alerts: readonly AlertView[] = [
  {
    id: 'al_1',
    condition: 'drift:eur',
    severity: 'critical',
    title: 'Unexplained difference of -120.00 EUR',
    meaning: 'Storage at Stripe and our ledger do not agree, and no movement of ours explains it.',
    action: 'Open Reconciliation and find the line that is not ours.',
    screen: 'reconciliation?period=2026-10',
    raisedAt: '2026-10-29T07:45:00.000Z',
    lastSeenAt: asOf,
    acknowledgedAt: null,
    acknowledgedBy: null,
    snoozedUntil: null,
    resolvedAt: null,
    note: null,
  },
  {
    id: 'al_2',
    condition: 'hazard:automatic-payouts',
    severity: 'warning',
    title: 'Stripe may pay Payments out by itself',
    meaning: 'Stripe may pay the Payments balance out by itself, before the month end has funded Storage.',
    action: 'Set the payout schedule to manual in the Stripe dashboard.',
    screen: 'settings',
    raisedAt: '2026-10-21T06:00:00.000Z',
    lastSeenAt: asOf,
    acknowledgedAt: '2026-10-21T09:12:00.000Z',
    acknowledgedBy: 'R. Okafor',
    snoozedUntil: null,
    resolvedAt: null,
    note: null,
  },
];

export const settings: SettingsView = {
  feeBps: 700,
  payoutMinimum: { usd: '2500', eur: '2500' },
  approvalLimit: {},
  fundingBasis: 'net',
  rail: 'financial-account',
  migrationChunk: '500000',
  pollMinutes: 15,
  theme: 'system',
};

const day = 86_400_000;

/** Daily readings to 2026-10-29, the last with the figures of `last`; Storage fills over each month and is paid out early in the next; one gap. */
export function history(days: number, last: CoverageView): readonly BalancePoint[] {
  const scale = last.currency === 'usd' ? 1 : 0.2;
  const points = readings(days, scale);
  const storage = BigInt(last.storageAvailable) + BigInt(last.inboundPending) + BigInt(last.outboundPending);
  return points.map((point, index) =>
    index < points.length - 1
      ? point
      : {
          ...point,
          payments: String(BigInt(last.paymentsAvailable) + BigInt(last.paymentsPending)),
          storage: String(storage),
          owed: last.owed,
          explained: String(BigInt(last.difference) - BigInt(last.unexplained)),
          unexplained: last.unexplained,
        },
  );
}

export function readings(days: number, scale = 1): readonly BalancePoint[] {
  const end = Date.parse(asOf);
  return Array.from({ length: days }, (_, index) => {
    const at = new Date(end - (days - 1 - index) * day);
    const dayOfMonth = at.getUTCDate();
    const month = at.getUTCMonth() + (at.getUTCFullYear() - 2026) * 12;
    const full = 3_000_000 + month * 190_000;
    const filled = dayOfMonth <= 3 ? full * 0.96 : (full * (dayOfMonth - 3)) / 28;
    const ripple = Math.round(Math.sin(index * 1.7) * 42_000);
    const owed = Math.round((filled + 40_000) * scale);
    return {
      at: at.toISOString(),
      payments: String(Math.round((900_000 + ((dayOfMonth * 61_000) % 700_000) + ripple) * scale)),
      storage: String(Math.round(owed + 12_000 * scale)),
      explained: String(Math.round(12_000 * scale) - (scale < 1 && index >= days - 2 ? -12_000 : 0)),
      unexplained: scale < 1 && index >= days - 2 ? '-12000' : '0',
      owed: String(owed),
      seeded: index < days * 0.3,
    };
  }).filter(({ at }) => at < '2026-09-11' || at > '2026-09-19');
}

/** Money that somebody else moved out of Storage. */
const outside: DriftItem = {
  kind: 'line',
  reference: 'trxn_0412',
  description: 'Payment out of Storage that Coffer did not make',
  at: '2026-10-28T07:58:12.000Z',
  amount: '-12000',
  resolvedAt: null,
  resolvedBy: null,
  screen: 'reconciliation?period=2026-10&line=trxn_0412',
};

/** The equation as it stood at a reading: EUR was short by a movement of somebody else's, JPY was not read. */
export function pastCoverage(currency: string, at: string): CoverageAt {
  const short = currency === 'eur';
  const month = at.slice(0, 7);
  const before = (minutes: number) => new Date(Date.parse(at) - minutes * 60_000).toISOString();
  if (currency === 'jpy') {
    return {
      currency,
      at,
      readAt: null,
      owed: '0',
      owedParts: [],
      storage: null,
      notes: ['Coffer had not read the balances by then, so what Storage held is not known.'],
    };
  }
  return {
    currency,
    at,
    readAt: before(2),
    owed: '3105000',
    owedParts: [
      {
        name: 'Creators',
        detail: 'In the ledger by then: earlier months, carried forward, held, in transit',
        amount: '428925',
      },
      { name: 'Suspense', detail: 'Allocated to a creator nobody knows, in the ledger by then', amount: '12675' },
      {
        name: `${month}, not calculated yet`,
        detail: 'Net earnings so far as the reading found them',
        amount: '2663400',
      },
    ],
    storage: {
      available: short ? '2924460' : '2936460',
      inboundPending: '62000',
      outboundPending: '118540',
      difference: short ? '0' : '12000',
      explained: [
        {
          name: 'Movements under way',
          detail: 'Sent to Stripe, outcome not recorded yet',
          amount: '12000',
          items: [
            {
              kind: 'movement',
              reference: 'po_2207',
              description: 'Payout to Ada Quill',
              at: before(5),
              amount: '12000',
              resolvedAt: null,
              resolvedBy: null,
              screen: 'payouts?period=2026-10&intentId=in_0004',
            },
          ],
        },
      ],
      unexplained: short ? '-12000' : '0',
      unexplainedItems: short
        ? [{ ...outside, at: before(32), resolvedAt: before(-1_440), resolvedBy: 'M. Sole' }]
        : [],
      coverageBps: short ? 10_000 : 10_038,
    },
    notes: [
      `What ${month} had earned by then is as that reading found it.`,
      'How much of it was held or carried forward is not kept for past times.',
    ],
  };
}

/** 214 creators and what is kept in suspense; together what the equation says is owed. */
function owedLines() {
  const creators = Array.from({ length: 214 }, (_, index) => creator(index)).map(
    ({ creatorId, displayName }, index) => ({
      at: asOf,
      reference: creatorId,
      description: displayName,
      amount: BigInt(index === 4 ? -1_250 : 20_000 + ((index * 1_373) % 5_000)),
    }),
  );
  const suspense = {
    at: asOf,
    reference: 'cr_ghost',
    description: 'Suspense: a creator nobody knows',
    amount: 12_675n,
  };
  const [first, ...others] = [...creators, suspense];
  const rest = others.reduce((sum, line) => sum + line.amount, 0n);
  return [...(first === undefined ? [] : [{ ...first, amount: BigInt(coverageUsd.owed) - rest }]), ...others].map(
    (line) => ({ ...line, amount: String(line.amount) }),
  );
}

const rangeDays = { '30d': 30, '90d': 90, '6m': 182, '12m': 365, all: 500 } as const;

/** Serves rows by offset and limit, and by a search in their JSON. */
export function pageOfRows<Row>(rows: readonly Row[], { offset, limit, search }: PageRequest) {
  const found =
    search === undefined
      ? rows
      : rows.filter((row) => JSON.stringify(row).toLowerCase().includes(search.toLowerCase()));
  return { total: found.length, rows: found.slice(offset, offset + limit) };
}

const firstNames = ['Ada', 'Bruno', 'Chidi', 'Dorota', 'Emre', 'Fatou', 'Gita', 'Hanna', 'Ivo', 'Jun'];
const lastNames = ['Okafor', 'Lindqvist', 'Moreau', 'Tanaka', 'Silva', 'Novak', 'Haddad', 'Byrne', 'Costa', 'Weiss'];

export function creator(index: number): CreatorRow {
  const name = `${firstNames[index % 10]} ${lastNames[Math.floor(index / 10) % 10]}`;
  return {
    creatorId: `cr_${String(index + 1).padStart(6, '0')}`,
    displayName: name,
    email: `${name.toLowerCase().replace(' ', '.')}.${index + 1}@example.com`,
    stripeAccount: `acct_1Nv${String(index * 7919).padStart(9, '0')}`,
    holdReason: index % 71 === 3 ? 'Identity check at Stripe is open' : '',
    currency: 'usd',
    owed: String(((index * 7351) % 250_000) - (index % 29 === 5 ? 300_000 : 0)),
    accruing: String((index * 1237) % 90_000),
    lifetimePaid: String((index * 99_991) % 9_000_000),
  };
}

export const believable: FakeAnswers = {
  'lock.status': async () => ({ locked: false, hasPassphrase: false, role: 'approver' as const, canKeep: true }),
  'approval.keys': async () => ({
    own: {
      name: 'Mara Lindqvist',
      publicKey: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
      fingerprint: '21fe 31df a154 a261 626b f854 046f d227',
      pinnedAt: null,
    },
    approvers: [],
  }),
  'approval.status': async () => ({ above: [], approvedBy: null, approvedAt: null, expiresAt: null }),
  'app.info': async () => ({
    version: '0.1.0',
    mode: 'sandbox',
    runtime: { kind: 'stand-in', electron: '33.2.1', chrome: '130.0', node: '20.18' },
    operator: 'Mara Lindqvist',
    platform: 'linux',
    welcomed: true,
  }),
  'app.unfinished': async () => [
    {
      kind: 'month-end',
      id: 'run_2026-09',
      title: 'Month end 2026-09',
      state: 'stopped while paying',
      detail: 'The connection was lost during payout 38 of 41.',
      moved: [{ currency: 'usd', amount: '4120050' }],
      remaining: [{ currency: 'usd', amount: '118540' }],
      period: '2026-09',
      since: '2026-10-02T14:21:00.000Z',
      running: false,
      canResume: true,
      canRollBack: false,
    },
  ],
  'app.welcomed': async () => null,
  'app.setOperator': async () => null,
  'settings.get': async () => ({ settings, rails: [] }),
  'settings.update': async (change) => ({ ...settings, ...change }),
  'balances.overview': async () => overview,
  'balances.refresh': async () => overview,
  'balances.history': async ({ range, currency }) => ({
    points: [...history(rangeDays[range], overview.currencies.find((one) => one.currency === currency) ?? coverageUsd)],
    events: [
      ...Array.from({ length: 16 }, (_, index) => new Date(Date.UTC(2025, 6 + index, 3, 9)).toISOString()).flatMap(
        (at) =>
          Date.parse(at) >= Date.parse(asOf) - rangeDays[range] * day
            ? [
                {
                  at,
                  kind: 'month-end' as const,
                  label: `Paid ${new Date(Date.parse(at) - 5 * day).toISOString().slice(0, 7)}`,
                },
              ]
            : [],
      ),
    ],
    changes:
      currency === 'usd'
        ? []
        : [{ at: '2026-10-28T08:30:00.000Z', before: '0', unexplained: '-12000', items: [outside] }],
  }),
  'balances.at': async ({ currency, at }) => pastCoverage(currency, at),
  'balances.lines': async ({ term, currency, ...request }) =>
    term === 'owed'
      ? {
          explanation: 'What is owed to each creator, and what is kept in suspense.',
          sum: coverageUsd.owed,
          page: pageOfRows(owedLines(), request),
        }
      : {
          explanation: 'Payouts that Stripe is processing; still owed until they are posted.',
          sum: coverageUsd.outboundPending,
          page: pageOfRows([{ at: asOf, reference: 'al_9000', description: 'Payout', amount: '118540' }], request),
        },
  'alerts.list': async () => [...alerts],
  'alerts.acknowledge': async () => null,
  'alerts.snooze': async () => null,
  'alerts.history': async ({ id }) =>
    id === 'al_1'
      ? [
          {
            at: '2026-10-29T07:45:00.000Z',
            actor: 'coffer',
            action: 'raised',
            note: 'Unexplained difference of -120.00 EUR',
          },
          { at: '2026-10-29T07:45:00.000Z', actor: 'coffer', action: 'notified', note: 'Shown on the desktop.' },
        ]
      : [],
  'alerts.resolve': async () => null,
  'data.chooseDirectory': async () => null,
  'creators.list': async ({ onlyHeld, ...request }) => {
    const rows = Array.from({ length: request.limit }, (_, index) => creator(request.offset + index));
    return request.search === undefined
      ? { total: 100_000, rows: rows.filter((row) => onlyHeld !== true || row.holdReason !== '') }
      : pageOfRows(
          Array.from({ length: 2_000 }, (_, index) => creator(index)),
          request,
        );
  },
};
