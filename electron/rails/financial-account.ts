/**
 * Storage is a financial account at Stripe. Funding is a payout of the Payments balance to it, a creator is paid by an
 * outbound payment from it, and the way back to Payments is made by a person in the dashboard.
 */

import { amountText } from '../../shared/money/amount-text';
import { type Currency, toStripeAmount } from '../../shared/money/money';
import type { StripeClient } from '../stripe/client';
import {
  type Capability,
  type CoreAccount,
  coreAccount,
  type FinancialAccount,
  financialAccount,
  outboundPayment,
  type Payout,
  payout,
  type ReceivedCredit,
  receivedCredit,
  type StorageTransaction,
  storageTransaction,
} from '../stripe/objects';
import { StripeUnavailable } from '../stripe/problem';
import { metadataOf, paymentFromStorage, payoutToStorage } from '../stripe/requests';
import { amountInWords } from './amount-words';
import { lookUpWithdrawal, prepareWithdrawal, refreshWithdrawals, sendWithdrawal } from './bank-payout';
import { stripeEvents } from './events';
import { matchGuided, type TransferSide } from './guided-match';
import { answered, confirmed, gather, mapBounded, presentObjects, sendable, soleMatch } from './movement';
import { paymentOutcome, payoutOutcome } from './object-outcomes';
import { outcomeOf } from './outcome';
import { ownMovements } from './own-movements';
import { permissionFindings } from './permission-findings';
import {
  addByCurrency,
  clockFinding,
  createdBetween,
  knownCurrency,
  oldestFirst,
  paymentsLines,
  readOwnAccount,
  readPaymentsBalance,
  settingsFindings,
  windowStart,
} from './reading';
import type {
  CanonicalRequest,
  EventSource,
  GuidedDetection,
  LookupOutcome,
  MovementOrder,
  MovementOutcome,
  OwnMovement,
  RailBalances,
  RailCapabilities,
  RailFinding,
  Refusals,
  SegregationRail,
  StorageAccount,
  StoredMovement,
  StripeEvent,
  StripeLine,
} from './segregation-rail';

export const FINANCIAL_ACCOUNT: RailCapabilities = {
  name: 'financial-account',
  title: 'Financial account at Stripe',
  description: 'Creators’ money is kept in a Stripe financial account of its own, apart from the Payments balance.',
  segregatedAtStripe: true,
  releaseByApi: false,
  movesByLedgerOnly: false,
  hasStorageAccount: true,
};

const FINANCIAL_ACCOUNTS = '/v2/money_management/financial_accounts';
const OUTBOUND_PAYMENTS = '/v2/money_management/outbound_payments';
const RECEIVED_CREDITS = '/v2/money_management/received_credits';
const TRANSACTIONS = '/v2/money_management/transactions';
const PAYOUTS = '/v1/payouts';

const RECIPIENTS_AT_ONCE = 50;

export interface FinancialAccountSettings {
  /** The financial account chosen in Settings; null: the only open one. */
  readonly storageAccount: string | null;
  /**
   * Types of Payments lines that a transfer from the financial account may have. Stripe does not document the type;
   * `inbound_transfer` is the nearest it names.
   */
  readonly releaseLineTypes?: readonly string[];
}

const RELEASE_LINE_TYPES = ['inbound_transfer', 'topup', 'adjustment'];
/** How long before it was asked for a transfer is still looked for, to tell that it was made too early. */
const LOOK_BACK_MS = 7 * 86_400_000;
const CREDIT_BEFORE_LINE_MS = 60 * 60_000;

type Storage =
  | { readonly state: 'found'; readonly id: string }
  | { readonly state: 'none' }
  | { readonly state: 'several'; readonly ids: readonly string[] };

export class FinancialAccountRail implements SegregationRail {
  readonly capabilities = FINANCIAL_ACCOUNT;

  private constructor(
    private readonly client: StripeClient,
    private readonly settings: FinancialAccountSettings,
    private readonly storage: Storage,
  ) {}

  /** Finds the storage account unless settings name it. Throws `StripeUnavailable`. */
  static async open(client: StripeClient, settings: FinancialAccountSettings): Promise<FinancialAccountRail> {
    if (settings.storageAccount !== null) {
      return new FinancialAccountRail(client, settings, { state: 'found', id: settings.storageAccount });
    }
    const open = (await storageAccounts(client)).filter((account) => account.status === 'open');
    const [first] = open;
    if (first === undefined) return new FinancialAccountRail(client, settings, { state: 'none' });
    if (open.length > 1) {
      return new FinancialAccountRail(client, settings, { state: 'several', ids: open.map((account) => account.id) });
    }
    return new FinancialAccountRail(client, settings, { state: 'found', id: first.id });
  }

  /** Throws when there is no storage account: preflight blocks before any movement is prepared. */
  prepare(order: MovementOrder): CanonicalRequest {
    if (order.amount <= 0n) throw new Error('A movement must have a positive amount');
    if (order.kind === 'withdraw') return prepareWithdrawal(order);
    const account = this.#requireStorage();
    switch (order.kind) {
      case 'fund':
        return { api: 'v1', method: 'POST', path: PAYOUTS, params: payoutToStorage(order, account) };
      case 'pay':
        if (order.stripeAccount === null) throw new Error('A payment needs the connected account that is paid');
        return {
          api: 'v2',
          method: 'POST',
          path: OUTBOUND_PAYMENTS,
          params: paymentFromStorage(order, account, order.stripeAccount),
        };
      case 'release':
        return {
          api: 'none',
          method: 'POST',
          path: '',
          params: {
            amount: toStripeAmount(order.amount),
            currency: order.currency,
            from: account,
            to: 'payments_balance',
            metadata: metadataOf(order),
          },
        };
    }
  }

  async send(movement: StoredMovement): Promise<MovementOutcome> {
    if (movement.request.api === 'none') return { state: 'guided', clicks: this.#clicks(movement.order) };
    if (movement.order.kind === 'withdraw') return sendWithdrawal(this.client, movement);
    const { path, params } = sendable(movement);
    const reply = await this.client.post(path, params, movement.idempotencyKey);
    if (!reply.ok) return outcomeOf(reply.problem);
    if (movement.order.kind === 'fund') {
      return confirmed(movement, payout, reply, (row) => ({
        ...row,
        recipient: null,
        outcome: payoutOutcome(row, null),
      }));
    }
    return confirmed(movement, outboundPayment, reply, (row) => ({
      ...row,
      amount: row.amount.value,
      currency: row.amount.currency,
      recipient: row.to.recipient,
      outcome: paymentOutcome(row),
    }));
  }

  async lookup(movement: StoredMovement): Promise<LookupOutcome> {
    if (movement.request.api === 'none') return { state: 'guided', clicks: this.#clicks(movement.order) };
    if (movement.order.kind === 'withdraw') return lookUpWithdrawal(this.client, movement);
    return answered(() => {
      if (movement.stripeObject !== null) return this.#one(movement, movement.stripeObject);
      return movement.order.kind === 'fund' ? this.#findPayout(movement) : this.#findPayment(movement);
    });
  }

  async refresh(movements: readonly StoredMovement[]): Promise<ReadonlyMap<string, MovementOutcome>> {
    const news = new Map<string, MovementOutcome>();
    const sent = movements.filter((movement) => movement.request.api !== 'none');
    await gather(() =>
      this.#refreshFunds(
        sent.filter((movement) => movement.order.kind === 'fund'),
        news,
      ),
    );
    await gather(() =>
      this.#refreshPayments(
        sent.filter((movement) => movement.order.kind === 'pay'),
        news,
      ),
    );
    await refreshWithdrawals(
      this.client,
      sent.filter((movement) => movement.order.kind === 'withdraw'),
      news,
    );
    return news;
  }

  async detectGuided({ order, createdAt }: StoredMovement, claimed: ReadonlySet<string>): Promise<GuidedDetection> {
    const askedAt = new Date(createdAt.getTime() - 2_000 + Math.min(0, this.client.clockSkewMs() ?? 0));
    const from = new Date(askedAt.getTime() - LOOK_BACK_MS);
    const out: TransferSide[] = [];
    for await (const { id, amount, category, status, created } of this.#transactions(from)) {
      if (category !== 'outbound_transfer' || status !== 'posted' || amount.value >= 0n) continue;
      out.push({ id, amount: -amount.value, currency: amount.currency, at: created });
    }
    if (out.length === 0) return { made: null, seen: [] };
    const types = this.settings.releaseLineTypes ?? RELEASE_LINE_TYPES;
    const back: TransferSide[] = [];
    for await (const { stripeId, amount, currency, type, createdAt: at } of paymentsLines(this.client, from)) {
      if (amount > 0n && types.includes(type)) back.push({ id: stripeId, amount, currency, at });
    }
    return matchGuided(order, askedAt, out, back, claimed);
  }

  async storageAccounts(): Promise<readonly StorageAccount[]> {
    return (await storageAccounts(this.client)).map(({ id, display_name, status, balance, storage }) => {
      const of = (amounts: FinancialAccount['balance']['available'], currency: string) =>
        amounts[currency]?.value ?? 0n;
      const { available, inbound_pending, outbound_pending } = balance;
      const all = [available, inbound_pending, outbound_pending].flatMap((amounts) => Object.keys(amounts));
      return {
        id,
        name: display_name ?? id,
        open: status === 'open',
        currencies: storage?.holds_currencies ?? [],
        balances: [...new Set(all)].sort().map((currency) => ({
          currency,
          available: of(available, currency),
          inbound: of(inbound_pending, currency),
          outbound: of(outbound_pending, currency),
        })),
      };
    });
  }

  async balances(): Promise<readonly RailBalances[]> {
    const [payments, account] = await Promise.all([readPaymentsBalance(this.client), this.#account()]);
    const storage = {
      available: new Map<Currency, bigint>(),
      inbound: new Map<Currency, bigint>(),
      outbound: new Map<Currency, bigint>(),
    };
    if (account !== null) {
      addByCurrency(storage.available, held(account.balance.available));
      addByCurrency(storage.inbound, held(account.balance.inbound_pending));
      addByCurrency(storage.outbound, held(account.balance.outbound_pending));
    }
    const all = [payments.available, payments.pending, storage.available, storage.inbound, storage.outbound];
    const currencies = [...new Set(all.flatMap((totals) => [...totals.keys()]))].sort();
    return currencies.map((currency) => ({
      currency,
      paymentsAvailable: payments.available.get(currency) ?? 0n,
      paymentsPending: payments.pending.get(currency) ?? 0n,
      storageAvailable: storage.available.get(currency) ?? 0n,
      storageInbound: storage.inbound.get(currency) ?? 0n,
      storageOutbound: storage.outbound.get(currency) ?? 0n,
    }));
  }

  /** One read per account: Stripe's list of v2 accounts does not show capabilities. */
  async refusals(stripeAccounts: readonly string[]): Promise<Refusals> {
    const refusals = new Map<string, string>();
    await mapBounded([...new Set(stripeAccounts)], RECIPIENTS_AT_ONCE, async (id) => {
      const refusal = await this.#refusal(id);
      if (refusal !== null) refusals.set(id, refusal);
    });
    return refusals;
  }

  async findings(currencies: readonly Currency[]): Promise<readonly RailFinding[]> {
    const findings = [...(await this.permissions())];
    if (findings.some((finding) => finding.outcome === 'blocker')) return findings;
    findings.push(...(await settingsFindings(this.client)));
    findings.push(...this.#accountFindings(await storageAccounts(this.client), currencies));
    findings.push(clockFinding(this.client));
    return findings;
  }

  async hazards(): Promise<readonly RailFinding[]> {
    return [...(await settingsFindings(this.client)), clockFinding(this.client)];
  }

  permissions(): Promise<readonly RailFinding[]> {
    return permissionFindings(this.client, 'financial-account');
  }

  ownMovements(from: Date): AsyncIterable<OwnMovement> {
    return ownMovements(this.client, from, this.capabilities.name);
  }

  account(): Promise<string | null> {
    return readOwnAccount(this.client);
  }

  events(source: EventSource, from: Date): AsyncIterable<StripeEvent> {
    return stripeEvents(this.client, source, from);
  }

  lines(from: Date, to: Date): AsyncIterable<StripeLine> {
    const payments = (start: Date, end: Date) => paymentsLines(this.client, start, end);
    const storage = (start: Date, end: Date) => this.#storageLines(start, end);
    return oldestFirst(this.storage.state === 'none' ? [payments] : [payments, storage], from, to);
  }

  async cancel(movement: StoredMovement): Promise<MovementOutcome> {
    if (movement.request.api === 'none') {
      return {
        state: 'canceled',
        stripeObject: null,
        requestId: null,
        code: 'guided-step-dropped',
        message: 'The step was dropped; nobody is asked to make this transfer any more.',
      };
    }
    const present = await this.lookup(movement);
    if (present.state === 'absent') {
      return {
        state: 'canceled',
        stripeObject: null,
        requestId: null,
        code: 'never-reached-stripe',
        message: 'Stripe never received this movement; there is nothing to cancel there.',
      };
    }
    if (present.state !== 'processing') return present;
    const { stripeObject } = present;
    const list = movement.order.kind === 'pay' ? OUTBOUND_PAYMENTS : PAYOUTS;
    const reply = await this.client.post(
      `${list}/${encodeURIComponent(stripeObject)}/cancel`,
      {},
      `${movement.idempotencyKey}-cancel`,
    );
    if (!reply.ok && outcomeOf(reply.problem).state !== 'failed') return outcomeOf(reply.problem);
    // Cancelled, or refused because it went through meanwhile: either way the object itself says what became of it.
    if (movement.order.kind === 'withdraw') {
      const now = await this.lookup(movement);
      return now.state === 'absent' ? present : now;
    }
    return answered(() => this.#one(movement, stripeObject));
  }

  #requireStorage(): string {
    if (this.storage.state === 'found') return this.storage.id;
    throw new Error('There is no storage account to move money to or from; preflight must stop before this');
  }

  #clicks(order: MovementOrder): readonly string[] {
    const amount = amountText(order.amount, order.currency);
    const account = this.storage.state === 'found' ? ` (${this.storage.id})` : '';
    return [
      'Open the Stripe dashboard and choose Balances.',
      'Choose Transfer.',
      `From: the financial account${account}.`,
      'To: Payments balance.',
      `Amount: ${amount} — in words: ${amountInWords(order.amount, order.currency)}.`,
      'Choose Continue, compare the amount once more, and choose Transfer.',
      `Come back to Coffer. It looks for a transfer of exactly ${amount} and goes on when it finds it.`,
    ];
  }

  /** The present state of one object, with the credit in Storage that goes with a payout. */
  async #one(movement: StoredMovement, stripeObject: string): Promise<MovementOutcome> {
    const id = encodeURIComponent(stripeObject);
    if (movement.order.kind === 'pay') {
      return paymentOutcome(await this.client.read(`${OUTBOUND_PAYMENTS}/${id}`, {}, outboundPayment));
    }
    const row = await this.client.read(`${PAYOUTS}/${id}`, {}, payout);
    return payoutOutcome(row, (await this.#credits([row])).get(row.id) ?? null);
  }

  async #findPayout(movement: StoredMovement): Promise<LookupOutcome> {
    const query = { created: createdBetween(windowStart(this.client, movement.createdAt)) };
    const match = await soleMatch(movement, this.client.list(PAYOUTS, query, payout));
    if (!('found' in match)) return match;
    return payoutOutcome(match.found, (await this.#credits([match.found])).get(match.found.id) ?? null);
  }

  async #findPayment(movement: StoredMovement): Promise<LookupOutcome> {
    const query = {
      created: createdBetween(windowStart(this.client, movement.createdAt)),
      ...(movement.order.stripeAccount === null ? {} : { recipient: movement.order.stripeAccount }),
    };
    const match = await soleMatch(movement, this.client.list(OUTBOUND_PAYMENTS, query, outboundPayment));
    return 'found' in match ? paymentOutcome(match.found) : match;
  }

  async #refreshFunds(funds: readonly StoredMovement[], news: Map<string, MovementOutcome>): Promise<void> {
    const rows = await presentObjects(this.client, funds, PAYOUTS, payout);
    const credits = await this.#credits(rows.map(([, row]) => row));
    for (const [movement, row] of rows)
      news.set(movement.order.intentId, payoutOutcome(row, credits.get(row.id) ?? null));
  }

  async #refreshPayments(payments: readonly StoredMovement[], news: Map<string, MovementOutcome>): Promise<void> {
    for (const [movement, row] of await presentObjects(this.client, payments, OUTBOUND_PAYMENTS, outboundPayment)) {
      news.set(movement.order.intentId, paymentOutcome(row));
    }
  }

  /** Credits in Storage by the payout they come from. */
  async #credits(payouts: readonly Payout[]): Promise<Map<string, ReceivedCredit>> {
    const wanted = payouts.filter((row) => row.status !== 'canceled');
    const credits = new Map<string, ReceivedCredit>();
    if (wanted.length === 0) return credits;
    const ids = new Set(wanted.map((row) => row.id));
    const oldest = new Date(Math.min(...wanted.map((row) => row.created.getTime())));
    const query = { created: createdBetween(oldest) };
    for await (const credit of this.client.list(RECEIVED_CREDITS, query, receivedCredit)) {
      const from = credit.balance_transfer?.payout ?? null;
      if (from !== null && ids.has(from)) credits.set(from, credit);
      if (credits.size === ids.size) break;
    }
    return credits;
  }

  #transactions(from: Date, to?: Date): AsyncIterable<StorageTransaction> {
    const query = { financial_account: this.#requireStorage(), created: createdBetween(from, to) };
    return this.client.list(TRANSACTIONS, query, storageTransaction);
  }

  /** Payouts by the credit they caused in Storage, for lines of [from, to). A credit is a little older than its line. */
  async #payoutsOfCredits(from: Date, to: Date): Promise<Map<string, string>> {
    const payouts = new Map<string, string>();
    const query = { created: createdBetween(new Date(from.getTime() - CREDIT_BEFORE_LINE_MS), to) };
    for await (const credit of this.client.list(RECEIVED_CREDITS, query, receivedCredit)) {
      const payout = credit.balance_transfer?.payout ?? null;
      if (payout !== null) payouts.set(credit.id, payout);
    }
    return payouts;
  }

  async #payoutOfCredit(id: string): Promise<string | null> {
    const credit = await this.client.read(`${RECEIVED_CREDITS}/${encodeURIComponent(id)}`, {}, receivedCredit);
    return credit.balance_transfer?.payout ?? null;
  }

  async *#storageLines(from: Date, to: Date): AsyncIterable<StripeLine> {
    let payouts: Map<string, string> | null = null;
    for await (const row of this.#transactions(from, to)) {
      if (row.created < from || row.created >= to) continue;
      const flow = flowOf(row);
      if (flow !== null && row.flow?.type === 'received_credit') {
        payouts ??= await this.#payoutsOfCredits(from, to);
        // One that comes back may have arrived long before.
        if (!payouts.has(flow)) payouts.set(flow, (await this.#payoutOfCredit(flow)) ?? flow);
      }
      yield {
        stripeId: row.id,
        side: 'storage',
        type: row.category,
        currency: knownCurrency(row.amount.currency),
        // What is on its way in counts, what is on its way out is gone: the line keeps its amount when it posts, and
        // is zero when it was void.
        amount: row.balance_impact.available.value + row.balance_impact.inbound_pending.value,
        createdAt: row.created,
        // The payout says more than the credit it became: it is what our intent names.
        source: (flow === null ? undefined : payouts?.get(flow)) ?? flow,
        description: row.description ?? '',
      };
    }
  }

  /** The storage account, null when there is none. Throws `StripeUnavailable` when it is not clear which one it is. */
  async #account(): Promise<FinancialAccount | null> {
    if (this.storage.state === 'none') return null;
    if (this.storage.state === 'found') {
      return this.client.read(`${FINANCIAL_ACCOUNTS}/${encodeURIComponent(this.storage.id)}`, {}, financialAccount);
    }
    throw new StripeUnavailable({
      kind: 'unavailable',
      code: 'several-storage-accounts',
      message: `There are ${this.storage.ids.length} open financial accounts for storage, and none is chosen.`,
      hint: 'Choose the one that holds creators’ money in Settings.',
      requestId: null,
      retryAfterMs: null,
    });
  }

  async #refusal(id: string): Promise<string | null> {
    try {
      const query = { include: ['configuration.recipient'] };
      return refusalOf(await this.client.read(`/v2/core/accounts/${encodeURIComponent(id)}`, query, coreAccount));
    } catch (error) {
      if (error instanceof StripeUnavailable && error.problem.kind === 'not-found') {
        return 'Stripe does not know this account.';
      }
      throw error;
    }
  }

  #accountFindings(accounts: readonly FinancialAccount[], currencies: readonly Currency[]): RailFinding[] {
    const title = 'Storage account';
    const code = 'storage-account';
    if (this.storage.state === 'several') {
      return [
        {
          code,
          outcome: 'blocker',
          title,
          detail: `There are several open financial accounts for storage: ${this.storage.ids.join(', ')}.`,
          action: 'Choose the one that holds creators’ money in Settings.',
        },
      ];
    }
    const wanted = this.storage.state === 'found' ? this.storage.id : null;
    const account = accounts.find((candidate) => candidate.id === wanted);
    if (account === undefined || account.status !== 'open') return [missingAccount(wanted, account)];
    const holds = account.storage?.holds_currencies ?? [];
    const unheld = currencies.filter((currency) => !holds.includes(currency));
    const name = account.display_name ?? account.id;
    return [
      { code, outcome: 'pass', title, detail: `${name} is open.`, action: '' },
      unheld.length === 0
        ? {
            code: 'storage-currencies',
            outcome: 'pass',
            title: 'Currencies of Storage',
            detail: 'All needed currencies can be held.',
            action: '',
          }
        : {
            code: 'storage-currencies',
            outcome: 'blocker',
            title: 'Currencies of Storage',
            detail: `${name} cannot hold ${unheld.map((currency) => currency.toUpperCase()).join(', ')}.`,
            action: 'Ask Stripe to enable the currency, or keep it apart with the earmark way.',
          },
    ];
  }
}

function missingAccount(wanted: string | null, account: FinancialAccount | undefined): RailFinding {
  const detail =
    account !== undefined
      ? `The financial account ${account.id} is ${account.status}, not open.`
      : wanted === null
        ? 'This Stripe account has no open financial account for storage.'
        : `The financial account ${wanted} chosen in Settings does not exist at Stripe.`;
  return {
    code: 'storage-account',
    outcome: 'blocker',
    title: 'Storage account',
    detail,
    action: 'Open a financial account in the Stripe dashboard under Balances, or choose another one in Settings.',
  };
}

/** Financial accounts of type storage, whatever their status. */
async function storageAccounts(client: StripeClient): Promise<FinancialAccount[]> {
  const found: FinancialAccount[] = [];
  const query = { statuses: ['open', 'pending', 'closed'] };
  for await (const account of client.list(FINANCIAL_ACCOUNTS, query, financialAccount)) {
    if (account.type === 'storage') found.push(account);
  }
  return found;
}

function held(amounts: FinancialAccount['balance']['available']) {
  return Object.values(amounts).map(({ value, currency }) => ({ amount: value, currency }));
}

function flowOf(row: StorageTransaction): string | null {
  const { flow } = row;
  if (flow === null || flow === undefined) return null;
  const { type: _type, ...ids } = flow;
  return Object.values(ids).find((id) => id !== undefined) ?? null;
}

/** Null: Stripe pays out to the account. */
function refusalOf(account: CoreAccount): string | null {
  if (account.closed === true) return 'The account is closed.';
  const capabilities = account.configuration?.recipient?.capabilities;
  if (capabilities === null || capabilities === undefined) return NOT_SET_UP;
  const all = [...Object.values(capabilities.bank_accounts ?? {}), capabilities.cards].filter(
    (capability) => capability !== null && capability !== undefined,
  );
  if (all.some((capability) => capability.status === 'active')) return null;
  const [worst] = all;
  return worst === undefined ? NOT_SET_UP : capabilityReason(worst);
}

const NOT_SET_UP = 'The account is not set up to receive payouts.';

const CAPABILITY_WORDS: Readonly<Record<string, string>> = {
  pending: 'Stripe is still checking the account.',
  rejected: 'Stripe rejected the account.',
  restricted: 'Stripe restricted payouts to the account.',
  unsupported: 'Stripe cannot pay this account in its country or form.',
};

function capabilityReason(capability: Capability): string {
  const words = CAPABILITY_WORDS[capability.status] ?? `Payouts to the account are ${capability.status}.`;
  const codes = [...new Set(capability.status_details.map((detail) => detail.code.replaceAll('_', ' ')))];
  return codes.length === 0 ? words : `${words} Stripe says: ${codes.join(', ')}.`;
}
