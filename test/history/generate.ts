/**
 * Twelve months of a platform from a seed: charges, fees, refunds, disputes, top-ups, corrections, movements of Coffer with payouts
 * that fail or come back, batches, releases and withdrawals; and 200 faults. Of a fault it only tells what was done to which lines.
 */

import type { NewIntent } from '../../electron/journal/intent';
import { findIntent, listIntents, writeIntents } from '../../electron/journal/journal';
import { owedTo, UNDISTRIBUTED } from '../../electron/ledger/accounts';
import { move as entries, post } from '../../electron/ledger/ledger';
import { releaseToPayments, sendOutside } from '../../electron/sandbox/operations/dashboard';
import { paymentsLine, storageLine } from '../../electron/sandbox/operations/ledger-lines';
import { createOutboundPayment, returnOutboundPayment } from '../../electron/sandbox/operations/outbound-payments';
import { disputeCharge, landCharge, landTopup, refundCharge } from '../../electron/sandbox/operations/payments';
import { createPayout, failPayout, settlePayout } from '../../electron/sandbox/operations/payouts';
import type { Work } from '../../electron/sandbox/operations/work';
import type { ChargeRecord } from '../../electron/sandbox/state/records';
import { adoptBalances } from '../../electron/services/balance-adoption';
import { ingestLines, reconcile } from '../../electron/services/reconciliation';
import { writeOpenPeriod } from '../../electron/services/settings';
import { checkGuided, move } from '../../electron/services/stripe-storage-balance';
import { followMovements } from '../../electron/services/stripe-transfer';
import { currency as toCurrency } from '../../shared/money/money';
import { addMonths, type Period, period as toPeriod } from '../../shared/period/period';
import { Random } from '../faults/random';
import { insertRun } from './months';
import { alterAmount, alterCurrency, repeat, split, undo } from './tampering';
import { type Side, World } from './world';

export interface PlantedLine {
  readonly side: Side;
  /** At Stripe; of a line that was taken out, the id of our movement. */
  readonly id: string;
}

/** What was done, in neutral words. What it is called in the books is said in expectation.ts. */
export interface Planted {
  readonly deed:
    | 'a line of an unfamiliar type'
    | 'lines of our movement taken out'
    | 'another amount'
    | 'another currency'
    | 'a line repeated'
    | 'a line withheld until its month was closed'
    | 'money moved by hand';
  readonly lines: readonly PlantedLine[];
}

export interface History {
  readonly world: World;
  readonly planted: readonly Planted[];
  /** `YYYY-MM-DD` → what Stripe held at the end of that day, by balance and currency. */
  readonly closings: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  readonly days: readonly [first: string, last: string];
  /** Things out of the ordinary that are no faults: batches as one line, lines in parts, payouts that failed or came back, releases. */
  readonly harmless: ReadonlyMap<string, number>;
}

const DAY_MS = 86_400_000;
const MONTHS = 12;
const START = Date.UTC(2025, 10, 1);
const FIRST = toPeriod('2025-11');
const CREATORS = 30;
const EURO_CREATORS = 8;
const UNFAMILIAR = ['reserve_transaction', 'contribution', 'advance', 'climate_order_purchase', 'issuing_transaction'];
const UNFAMILIAR_IN_STORAGE = ['adjustment', 'currency_conversion', 'stripe_fee'];

const account = (index: number): string => `acct_creator${index}`;
const CONTROL = { shouldStop: () => false, onSettled: () => {}, sleep: async () => {} };

export async function generateHistory(seed: number): Promise<History> {
  const world = await World.open(START, {
    payments_available: { usd: 200_000_00, eur: 90_000_00 },
    payments_pending: { usd: 1_000_00 },
    storage_available: { usd: 900_000_00, eur: 900_000_00 },
    accounts: Array.from({ length: CREATORS }, (_, index) => ({ id: account(index), payouts_enabled: true })),
  });
  const year = new Year(world, new Random(seed));
  await year.live();
  return {
    world,
    planted: year.planted,
    closings: year.closings,
    days: [dayOf(START), dayOf(world.now)],
    harmless: year.harmless,
  };
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** What is still to be planted in a month, most of it on movements. */
interface Plan {
  taken: number;
  amount: number;
  currency: number;
  repeated: number;
}

class Year {
  readonly planted: Planted[] = [];
  readonly closings = new Map<string, Map<string, bigint>>();
  readonly harmless = new Map<string, number>();
  readonly #charges: ChargeRecord[] = [];
  /** Withheld lines by the month after whose close they appear. */
  readonly #late = new Map<string, string[]>();
  /** Payments that will come back, by the day. */
  readonly #returns = new Map<string, string[]>();

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  async live(): Promise<void> {
    const { world } = this;
    const { context } = world;
    await adoptBalances(context);
    await writeOpenPeriod(context.store.db, FIRST);
    for (let month = 0; month < MONTHS; month++) await this.#month(addMonths(FIRST, month), month);
    // Some days later the last month is closed too, and everything has been listed and followed.
    const last = addMonths(FIRST, MONTHS - 1);
    for (let day = 0; day < 6; day++) {
      if (day === 2) await this.#close(last);
      if (day === 4) this.#reveal(last);
      await this.#endOfDay(Math.ceil((world.now + 1) / DAY_MS) * DAY_MS);
    }
    await reconcile(context, addMonths(last, 1));
  }

  #note(what: string): void {
    this.harmless.set(what, (this.harmless.get(what) ?? 0) + 1);
  }

  async #month(period: Period, index: number): Promise<void> {
    const { world, random } = this;
    const start = Date.UTC(2025, 10 + index, 1);
    const length = Math.round((Date.UTC(2025, 11 + index, 1) - start) / DAY_MS);
    // 200 in all: 28 or 29 of each kind.
    const share = (total: number): number =>
      Math.floor((total * (index + 1)) / MONTHS) - Math.floor((total * index) / MONTHS);
    const plan: Plan = { taken: share(28), amount: share(28), currency: share(28), repeated: share(29) };
    const unfamiliar = spread(random, share(29), length);
    const late = spread(random, share(29), length - 6);
    const byHand = spread(random, share(29), length);
    for (let day = 0; day < length; day++) {
      world.now = Math.max(world.now, start + day * DAY_MS + 8 * 3_600_000);
      if (index > 0 && day === 2) await this.#close(addMonths(period, -1));
      if (index > 0 && day === 4) this.#reveal(addMonths(period, -1));
      this.#traffic(index, day);
      this.#comeBack(dayOf(world.now));
      for (let one = 0; one < (late.get(day) ?? 0); one++) this.#withhold(period);
      if (day % 7 === 3) await this.#fund(period, day, plan);
      if (day === 9) await this.#withdraw(period, plan);
      if (day === 12) await this.#release(period);
      if (day === 15 || day === 22) await this.#pay(period, day, plan);
      for (let one = 0; one < (unfamiliar.get(day) ?? 0); one++) this.#unfamiliar();
      for (let one = 0; one < (byHand.get(day) ?? 0); one++) this.#moveByHand();
      if (day % 2 === 0) await ingestLines(world.context);
      await this.#endOfDay(start + (day + 1) * DAY_MS);
    }
  }

  async #endOfDay(end: number): Promise<void> {
    this.world.now = Math.max(this.world.now, end - 60_000);
    this.closings.set(dayOf(this.world.now), this.world.closings());
    this.world.now = Math.max(this.world.now, end + 1_000);
  }

  /** The business's own lines of a day. */
  #traffic(month: number, day: number): void {
    const { world, random } = this;
    for (let count = random.int(3, 7); count > 0; count--) this.#charge('usd');
    if (random.chance(0.4)) this.#charge('eur');
    if (random.chance(0.25)) {
      const charge = random.pick(this.#charges.slice(-60));
      const present = world.state.charges.get(charge.id) ?? charge;
      const left = present.amount - present.refunded;
      if (left > 0n && !present.disputed) {
        const amount = random.chance(0.5) ? null : (left + 1n) / 2n;
        world.atStripe((work) => refundCharge(work, present, { amount, reason: null, metadata: {} }));
      }
    }
    if (random.chance(0.06)) {
      const charge = random.pick(this.#charges.slice(-60));
      const present = world.state.charges.get(charge.id) ?? charge;
      if (!present.disputed && present.refunded < present.amount) {
        const dispute = world.atStripe((work) =>
          disputeCharge(work, present, { amount: null, fee: 15_00n, reason: 'general' }),
        );
        // Some are won: the money comes back under the same dispute.
        if (random.chance(0.4)) this.#line('adjustment', dispute.amount, dispute.currency, dispute.id);
      }
    }
    if (day === 1) this.#line('stripe_fee', -BigInt(random.int(100, 900)), 'usd', null);
    if (day === 5 && month % 3 === 0) this.#line('adjustment', BigInt(random.int(-50, 50)), 'usd', null);
    if (day === 14 && month % 2 === 0) {
      const amount = BigInt(random.int(1_000_00, 9_000_00));
      world.atStripe((work) =>
        landTopup(work, { amount, currency: 'usd', description: null, availableInMs: 0, metadata: {} }),
      );
    }
  }

  #line(type: string, amount: bigint, currency: string, source: string | null): string {
    return this.world.atStripe(
      (work) =>
        paymentsLine(work, { type, amount, currency, source, against: [{ place: 'world', amount: -amount }] }).id,
    );
  }

  #charge(currency: string): ChargeRecord {
    const amount = BigInt(this.random.int(500, 9_900));
    const charge = this.world.atStripe((work) =>
      landCharge(work, {
        amount,
        fee: (amount * 29n) / 1_000n + 30n,
        currency,
        customer: null,
        description: null,
        availableInMs: 2 * DAY_MS,
        metadata: {},
      }),
    );
    this.#charges.push(charge);
    return charge;
  }

  // Movements of Coffer ------------------------------------------------------------------------------------------------

  #intent(
    kind: NewIntent['kind'],
    period: Period,
    name: string,
    currency: string,
    amount: bigint,
    creator?: number,
  ): NewIntent {
    const isPay = kind === 'pay';
    return {
      kind,
      run: isPay ? `pay:${period}` : `${kind}:${period}`,
      batch: `${period}-${name}-${currency}`,
      subject: `${kind}:${period}:${name}:${currency}:${creator ?? ''}`,
      period,
      creatorId: creator === undefined ? null : `creator${creator}`,
      currency: toCurrency(currency),
      amount,
      stripeAccount: creator === undefined ? null : account(creator),
      description: `${kind} ${period}`,
      approvedHash: null,
      retryOf: null,
    };
  }

  async #move(intents: readonly NewIntent[]): Promise<string[]> {
    this.world.now += 1_000;
    const ids = await move(this.world.context, intents, CONTROL, 16);
    this.world.closings();
    await followMovements(this.world.context, false);
    return ids;
  }

  async #fund(period: Period, day: number, plan: Plan): Promise<void> {
    const amount = BigInt(this.random.int(150_00, 400_00));
    const [id = ''] = await this.#move([this.#intent('fund', period, `week${day}`, 'usd', amount)]);
    const what = this.random.int(0, 4);
    if (what === 0) await this.#tamper([id], plan, 'payments');
    else if (what === 1) await this.#tamper([id], plan, 'storage');
    else if (what === 2) {
      const line = this.#storageLinesOf(await this.#objectOf(id))[0];
      if (line !== undefined) {
        this.world.atStripe((work) => split(work, line, amount / 3n));
        this.#note('a line in two parts');
      }
    } else if (what === 3) {
      const object = await this.#objectOf(id);
      const payout = this.world.state.payouts.get(object);
      if (payout !== undefined) {
        this.world.atStripe((work) => failPayout(work, payout, 'could_not_process'));
        this.#note('a funding that came back');
      }
    }
  }

  async #withdraw(period: Period, plan: Plan): Promise<void> {
    const [id = ''] = await this.#move([
      this.#intent('withdraw', period, 'owner', 'usd', BigInt(this.random.int(40_00, 90_00))),
    ]);
    if (this.random.chance(0.5)) await this.#tamper([id], plan, 'payments');
  }

  async #release(period: Period): Promise<void> {
    const { context } = this.world;
    const amount = BigInt(this.random.int(20_00, 60_00));
    const intent = this.#intent('release', period, 'surplus', 'usd', amount);
    await writeIntents(context, [intent]);
    this.world.now += 3_600_000;
    // It is read between the doing and the finding.
    this.world.atStripe((work) => releaseToPayments(work, amount, 'usd'));
    await ingestLines(context);
    this.world.now += 3_600_000;
    await checkGuided(context, intent.run);
    this.#note('a release in the dashboard');
  }

  /** The payouts of a month, in two batches: most of them on the 16th, the rest on the 23rd. Earned first. */
  async #pay(period: Period, day: number, plan: Plan): Promise<void> {
    const { world, random } = this;
    const { context } = world;
    const first = day === 15;
    const creators = Array.from({ length: CREATORS }, (_, index) => index).filter((index) => index < 20 === first);
    const intents = creators.map((creator) =>
      this.#intent('pay', period, String(day), 'usd', BigInt(random.int(15_00, 95_00)), creator),
    );
    const euros = first
      ? []
      : Array.from({ length: EURO_CREATORS }, (_, creator) =>
          this.#intent('pay', period, String(day), 'eur', BigInt(random.int(15_00, 95_00)), creator),
        );
    await context.store.transaction(async (tx) => {
      for (const { creatorId, currency, amount } of [...intents, ...euros]) {
        await post(tx, {
          txId: context.newId(),
          at: context.now(),
          kind: 'earnings',
          period,
          intentId: null,
          description: 'Earned',
          postings: entries(owedTo(creatorId ?? ''), UNDISTRIBUTED, currency, amount),
        });
      }
    });
    if (random.chance(0.6)) this.#failNext(random.int(1, 5));
    const ids = await this.#move(intents);
    const euroIds = euros.length === 0 ? [] : await this.#move(euros);
    if (euroIds.length > 0 && random.chance(0.5)) await this.#asOneLine(euroIds);
    else if (euroIds.length > 0) await this.#tamper(euroIds.slice(0, 4), plan, 'storage');
    const posted: string[] = [];
    for (const id of ids) {
      const intent = await findIntent(context.store.db, id);
      if (intent?.state === 'posted') posted.push(id);
      else this.#note('a payout that failed');
    }
    const back = random.int(0, 2);
    for (const id of posted.slice(0, back)) {
      const due = dayOf(world.now + random.int(3, 20) * DAY_MS);
      this.#returns.set(due, [...(this.#returns.get(due) ?? []), await this.#objectOf(id)]);
    }
    await this.#tamper(first ? posted.slice(back, back + 5) : posted.slice(back), plan, 'storage', !first);
  }

  #failNext(nth: number): void {
    this.world.atStripe(({ state }) =>
      state.faults.put({
        id: state.newId('fault_'),
        kind: 'payout_fail_later',
        method: 'POST',
        path: '/v2/money_management/outbound_payments',
        nth,
        times: 1,
        ms: 0,
        retry_after: 0,
        execute: false,
        seen: 0,
        fired: 0,
      }),
    );
  }

  /** Stripe lists the payments of a batch as one line. */
  async #asOneLine(ids: readonly string[]): Promise<void> {
    let sum = 0n;
    for (const id of ids) {
      const object = await this.#objectOf(id);
      for (const line of this.#storageLinesOf(object)) {
        this.world.withheld.add(line);
        const row = this.world.state.transactions.get(line);
        sum += row === undefined ? 0n : row.available;
      }
    }
    this.world.atStripe((work) => {
      storageLine(work, {
        category: 'outbound_payment',
        amount: sum,
        currency: 'eur',
        flow_type: 'outbound_payment',
        flow: work.state.newId('obp_bulk_'),
        impact: { available: sum, inbound: 0n, outbound: 0n },
      });
    });
    this.#note('a batch as one line');
  }

  #comeBack(day: string): void {
    for (const id of this.#returns.get(day) ?? []) {
      const payment = this.world.state.outboundPayments.get(id);
      if (payment?.status !== 'posted') continue;
      this.world.atStripe((work) => returnOutboundPayment(work, payment, 'payout_method_closed'));
      this.#note('a payout that came back');
    }
  }

  async #objectOf(intentId: string): Promise<string> {
    return (await findIntent(this.world.context.store.db, intentId))?.stripe_object ?? '';
  }

  #storageLinesOf(object: string): string[] {
    const { transactions, payouts } = this.world.state;
    const flow = payouts.get(object)?.received_credit ?? object;
    return transactions.by('flow', flow).map((row) => row.id);
  }

  #linesOf(object: string): PlantedLine[] {
    const payments = this.world.state.balanceTransactions.by('source', object);
    return [
      ...payments.map((row): PlantedLine => ({ side: 'payments', id: row.id })),
      ...this.#storageLinesOf(object).map((id): PlantedLine => ({ side: 'storage', id })),
    ];
  }

  /** Plants what is left of the month's plan on these movements, one on each; `all` as many as there are. */
  async #tamper(ids: readonly string[], plan: Plan, side: Side, all = false): Promise<void> {
    for (const id of ids) {
      const kinds = (Object.keys(plan) as (keyof Plan)[]).filter((kind) => plan[kind] > 0);
      if (kinds.length === 0) return;
      if (!all && this.random.chance(0.2)) continue;
      const kind = this.random.pick(kinds);
      const lines = this.#linesOf(await this.#objectOf(id));
      const line = lines.find((one) => one.side === side);
      if (line === undefined) continue;
      plan[kind] -= 1;
      this.#plant(kind, id, line, lines);
    }
  }

  // Faults -------------------------------------------------------------------------------------------------------------

  #plant(kind: keyof Plan, intentId: string, line: PlantedLine, lines: readonly PlantedLine[]): void {
    const { world, random } = this;
    const { side, id } = line;
    switch (kind) {
      case 'taken':
        world.atStripe((work) => {
          for (const one of lines) undo(work, one.side, one.id);
        });
        for (const one of lines) world.withheld.add(one.id);
        this.planted.push({
          deed: 'lines of our movement taken out',
          lines: lines.map((one) => ({ side: one.side, id: intentId })),
        });
        return;
      case 'amount':
        world.atStripe((work) =>
          alterAmount(work, side, id, BigInt(random.int(1, 9_00)) * (random.chance(0.5) ? 1n : -1n)),
        );
        this.planted.push({ deed: 'another amount', lines: [line] });
        return;
      case 'currency': {
        const currency =
          world.state.transactions.get(id)?.currency ?? world.state.balanceTransactions.get(id)?.currency;
        world.atStripe((work) => alterCurrency(work, side, id, currency === 'usd' ? 'eur' : 'usd'));
        this.planted.push({ deed: 'another currency', lines: [line] });
        return;
      }
      case 'repeated': {
        if (random.chance(0.4)) {
          const charge = this.#charge('usd');
          const again = world.atStripe((work) => repeat(work, 'payments', charge.balance_transaction));
          this.planted.push({ deed: 'a line repeated', lines: [{ side: 'payments', id: again }] });
          return;
        }
        const again = world.atStripe((work) => repeat(work, side, id));
        this.planted.push({ deed: 'a line repeated', lines: [{ side, id: again }] });
      }
    }
  }

  #unfamiliar(): void {
    const amount = BigInt(this.random.int(1_00, 30_00)) * (this.random.chance(0.5) ? 1n : -1n);
    if (this.random.chance(0.6)) {
      const id = this.#line(this.random.pick(UNFAMILIAR), amount, this.random.pick(['usd', 'eur']), null);
      this.planted.push({ deed: 'a line of an unfamiliar type', lines: [{ side: 'payments', id }] });
      return;
    }
    const category = this.random.pick(UNFAMILIAR_IN_STORAGE);
    const id = this.world.atStripe((work) => {
      const currency = this.random.pick(['usd', 'eur']);
      work.state.balances.post(currency, [
        { place: 'storage_available', amount },
        { place: 'world', amount: -amount },
      ]);
      const flow = work.state.newId('adj_');
      return storageLine(work, {
        category,
        amount,
        currency,
        flow_type: 'outbound_transfer',
        flow,
        impact: { available: amount, inbound: 0n, outbound: 0n },
      }).id;
    });
    this.planted.push({ deed: 'a line of an unfamiliar type', lines: [{ side: 'storage', id }] });
  }

  /** A charge, or the refund of one, that Stripe lists after the close of its month. */
  #withhold(period: Period): void {
    const charge = this.#charge('usd');
    const id = this.random.chance(0.6)
      ? charge.balance_transaction
      : this.world.atStripe((work) => refundCharge(work, charge, { amount: null, reason: null, metadata: {} }))
          .balance_transaction;
    this.world.withheld.add(id);
    this.#late.set(period, [...(this.#late.get(period) ?? []), id]);
    this.planted.push({ deed: 'a line withheld until its month was closed', lines: [{ side: 'payments', id }] });
  }

  #reveal(period: Period): void {
    for (const id of this.#late.get(period) ?? []) this.world.withheld.delete(id);
  }

  #moveByHand(): void {
    const { world, random } = this;
    // Amounts that no movement of ours has.
    const amount = BigInt(random.int(1_00, 9_00) + 1_000_00);
    const lines = world.atStripe((work): PlantedLine[] => {
      switch (random.int(0, 4)) {
        case 0:
          return [{ side: 'storage', id: sendOutside(work, amount, 'usd', null).id }];
        case 1: {
          const made = releaseToPayments(work, amount, 'usd');
          return [
            { side: 'storage', id: made.transaction.id },
            { side: 'payments', id: made.balanceTransaction.id },
          ];
        }
        case 2: {
          const recipient = work.state.accounts.get(account(3));
          if (recipient === undefined) throw new Error('The creator has no account');
          const payment = createOutboundPayment(work, {
            amount,
            currency: 'usd',
            recipient,
            payoutMethod: null,
            payoutMethodOptions: null,
            notification: 'none',
            recipientVerification: null,
            statementDescriptor: null,
            description: null,
            metadata: {},
          });
          return [{ side: 'storage', id: payment.transaction }];
        }
        default:
          return this.#payoutByHand(work, amount, random.chance(0.5));
      }
    });
    this.planted.push({ deed: 'money moved by hand', lines });
  }

  /** A payout of Payments that Coffer did not make: to Storage, or to the bank as automatic payouts are. */
  #payoutByHand(work: Work, amount: bigint, toStorage: boolean): PlantedLine[] {
    const payout = createPayout(work, {
      amount,
      currency: 'usd',
      financialAccount: toStorage ? work.state.platform.financial_account : null,
      description: null,
      statementDescriptor: null,
      method: 'standard',
      sourceType: 'card',
      metadata: {},
    });
    if (!toStorage) work.state.payouts.put({ ...payout, automatic: true });
    settlePayout(work, work.state.payouts.get(payout.id) ?? payout);
    const credit = work.state.payouts.get(payout.id)?.received_credit ?? null;
    return [
      { side: 'payments', id: payout.balance_transaction },
      ...(credit === null
        ? []
        : work.state.transactions.by('flow', credit).map((row): PlantedLine => ({ side: 'storage', id: row.id }))),
    ];
  }

  /** Reconciled by the service; the steps of a month end are another test's. */
  async #close(period: Period): Promise<void> {
    const { context } = this.world;
    await reconcile(context, period);
    await insertRun(context, period);
  }
}

/** So many things on the days of a month. */
function spread(random: Random, count: number, days: number): Map<number, number> {
  const on = new Map<number, number>();
  for (let one = 0; one < count; one++) {
    const day = random.int(0, days - 1);
    on.set(day, (on.get(day) ?? 0) + 1);
  }
  return on;
}

/** Movements whose outcome is not known in the end. */
export async function openMovements(world: World): Promise<number> {
  return (await listIntents(world.context.store.db, { states: ['planned', 'sending', 'unknown', 'processing'] }))
    .length;
}
