/**
 * Storage is a line in our own ledger over the one Payments balance: nothing is set apart at Stripe. Funding and
 * releasing are entries of ours; a creator is paid by a transfer to the balance of their connected account.
 */

import type { Currency } from '../../shared/money/money';
import type { StripeClient } from '../stripe/client';
import { type Account, account, transfer } from '../stripe/objects';
import { StripeUnavailable } from '../stripe/problem';
import { metadataOf, transferGroup, transferToCreator } from '../stripe/requests';
import { lookUpWithdrawal, prepareWithdrawal, refreshWithdrawals, sendWithdrawal } from './bank-payout';
import { stripeEvents } from './events';
import { answered, confirmed, gather, mapBounded, presentObjects, sendable, soleMatch } from './movement';
import { transferOutcome } from './object-outcomes';
import { outcomeOf } from './outcome';
import { ownMovements } from './own-movements';
import { permissionFindings } from './permission-findings';
import {
  clockFinding,
  createdBetween,
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
  LookupOutcome,
  MovementOrder,
  MovementOutcome,
  OwnMovement,
  RailBalances,
  RailCapabilities,
  RailFinding,
  Refusals,
  SegregationRail,
  StoredMovement,
  StripeEvent,
  StripeLine,
} from './segregation-rail';

export const EARMARK: RailCapabilities = {
  name: 'earmark',
  title: 'Earmark in Coffer',
  description:
    'Creators’ money is earmarked in Coffer’s own ledger. At Stripe there is one Payments balance; nothing is kept apart there.',
  segregatedAtStripe: false,
  releaseByApi: true,
  movesByLedgerOnly: true,
  hasStorageAccount: false,
};

const TRANSFERS = '/v1/transfers';
const ACCOUNTS = '/v1/accounts';
const RECIPIENTS_AT_ONCE = 25;
/** From this many accounts on the list is read (100 a page) instead of single accounts. */
const MANY_RECIPIENTS = 20;

export class EarmarkRail implements SegregationRail {
  readonly capabilities = EARMARK;

  constructor(private readonly client: StripeClient) {}

  prepare(order: MovementOrder): CanonicalRequest {
    if (order.amount <= 0n) throw new Error('A movement must have a positive amount');
    if (order.kind === 'withdraw') return prepareWithdrawal(order);
    if (order.kind !== 'pay') {
      const params = { amount: order.amount.toString(), currency: order.currency, metadata: metadataOf(order) };
      return { api: 'none', method: 'POST', path: '', params };
    }
    if (order.stripeAccount === null) throw new Error('A payment needs the connected account that is paid');
    return { api: 'v1', method: 'POST', path: TRANSFERS, params: transferToCreator(order, order.stripeAccount) };
  }

  async send(movement: StoredMovement): Promise<MovementOutcome> {
    if (movement.request.api === 'none') return LEDGER_ENTRY;
    if (movement.order.kind === 'withdraw') return sendWithdrawal(this.client, movement);
    const { path, params } = sendable(movement);
    const reply = await this.client.post(path, params, movement.idempotencyKey);
    if (!reply.ok) return outcomeOf(reply.problem);
    return confirmed(movement, transfer, reply, (row) => ({
      ...row,
      recipient: row.destination,
      outcome: transferOutcome(row),
    }));
  }

  async lookup(movement: StoredMovement): Promise<LookupOutcome> {
    if (movement.request.api === 'none') return LEDGER_ENTRY;
    if (movement.order.kind === 'withdraw') return lookUpWithdrawal(this.client, movement);
    return answered(async () => {
      if (movement.stripeObject !== null) {
        return transferOutcome(
          await this.client.read(`${TRANSFERS}/${encodeURIComponent(movement.stripeObject)}`, {}, transfer),
        );
      }
      const query = {
        created: createdBetween(windowStart(this.client, movement.createdAt)),
        transfer_group: transferGroup(movement.order.period),
        ...(movement.order.stripeAccount === null ? {} : { destination: movement.order.stripeAccount }),
      };
      const match = await soleMatch(movement, this.client.list(TRANSFERS, query, transfer));
      return 'found' in match ? transferOutcome(match.found) : match;
    });
  }

  async refresh(movements: readonly StoredMovement[]): Promise<ReadonlyMap<string, MovementOutcome>> {
    const news = new Map<string, MovementOutcome>();
    const sent = movements.filter((movement) => movement.request.api !== 'none');
    await gather(async () => {
      const payments = sent.filter((movement) => movement.order.kind === 'pay');
      for (const [movement, row] of await presentObjects(this.client, payments, TRANSFERS, transfer)) {
        news.set(movement.order.intentId, transferOutcome(row));
      }
    });
    const withdrawals = sent.filter((movement) => movement.order.kind === 'withdraw');
    await refreshWithdrawals(this.client, withdrawals, news);
    return news;
  }

  /** Nothing is ever guided: releases are ledger entries. */
  async detectGuided() {
    return { made: null, seen: [] };
  }

  async storageAccounts(): Promise<readonly []> {
    return [];
  }

  async balances(): Promise<readonly RailBalances[]> {
    const { available, pending } = await readPaymentsBalance(this.client);
    const currencies = [...new Set([...available.keys(), ...pending.keys()])].sort();
    return currencies.map((currency) => ({
      currency,
      paymentsAvailable: available.get(currency) ?? 0n,
      paymentsPending: pending.get(currency) ?? 0n,
      storageAvailable: 0n,
      storageInbound: 0n,
      storageOutbound: 0n,
    }));
  }

  async refusals(stripeAccounts: readonly string[]): Promise<Refusals> {
    const unread = new Set(stripeAccounts);
    const refusals = new Map<string, string>();
    const note = (id: string, refusal: string | null): void => {
      unread.delete(id);
      if (refusal !== null) refusals.set(id, refusal);
    };
    if (unread.size >= MANY_RECIPIENTS) await this.#readList(unread, note);
    await mapBounded([...unread], RECIPIENTS_AT_ONCE, async (id) => note(id, await this.#refusal(id)));
    return refusals;
  }

  async findings(_currencies: readonly Currency[]): Promise<readonly RailFinding[]> {
    const findings = [...(await this.permissions())];
    if (findings.some((finding) => finding.outcome === 'blocker')) return findings;
    findings.push({
      code: 'not-segregated',
      outcome: 'information',
      title: 'Money kept apart at Stripe',
      detail:
        'None. Creators’ money is earmarked in Coffer only; at Stripe it lies in the one Payments balance and can be paid out or taken by refunds and disputes.',
      action: 'To keep it apart at Stripe, open a financial account and choose it in Settings.',
    });
    findings.push(...(await settingsFindings(this.client)));
    findings.push(clockFinding(this.client));
    return findings;
  }

  async hazards(): Promise<readonly RailFinding[]> {
    return [...(await settingsFindings(this.client)), clockFinding(this.client)];
  }

  permissions(): Promise<readonly RailFinding[]> {
    return permissionFindings(this.client, 'earmark');
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
    return oldestFirst([(start, end) => paymentsLines(this.client, start, end)], from, to);
  }

  /** A transfer is made at once and a ledger entry too: there is nothing to cancel, only what is already so. */
  async cancel(movement: StoredMovement): Promise<MovementOutcome> {
    const present = await this.lookup(movement);
    if (present.state !== 'absent') return present;
    return {
      state: 'canceled',
      stripeObject: null,
      requestId: null,
      code: 'never-reached-stripe',
      message: 'Stripe never received this movement; there is nothing to cancel there.',
    };
  }

  /** Reads list pages for as long as they are cheaper than reading the accounts one by one. */
  async #readList(unread: ReadonlySet<string>, note: (id: string, refusal: string | null) => void): Promise<void> {
    const readAtMost = unread.size * 50;
    let read = 0;
    for await (const row of this.client.list(ACCOUNTS, {}, account)) {
      read += 1;
      if (unread.has(row.id)) note(row.id, refusalOf(row));
      if (unread.size === 0 || read >= readAtMost) return;
    }
  }

  async #refusal(id: string): Promise<string | null> {
    try {
      return refusalOf(await this.client.read(`${ACCOUNTS}/${encodeURIComponent(id)}`, {}, account));
    } catch (error) {
      if (error instanceof StripeUnavailable && error.problem.kind === 'not-found') {
        return 'Stripe does not know this account, or it is not connected.';
      }
      throw error;
    }
  }
}

const LEDGER_ENTRY: MovementOutcome = { state: 'posted', stripeObject: null, requestId: null };

/** Null: Stripe pays out to the account. */
function refusalOf(row: Account): string | null {
  const transfers = row.capabilities?.transfers ?? 'not requested';
  const problems: string[] = [];
  if (transfers !== 'active') problems.push(`Transfers to the account are ${transfers}.`);
  if (!row.payouts_enabled) problems.push('Stripe has disabled payouts of the account.');
  if (problems.length === 0) return null;
  const cause = row.requirements?.disabled_reason ?? null;
  if (cause !== null) problems.push(`Stripe says: ${cause.replaceAll(/[._]/g, ' ')}.`);
  return problems.join(' ');
}
