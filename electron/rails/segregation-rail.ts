/**
 * How a platform's money is kept apart at Stripe. A rail says what it can do (`capabilities`), and the screens follow that.
 * A rail only talks to Stripe: it writes nothing, decides nothing, and never invents an idempotency key.
 * Rails throw nothing for what Stripe or the network answers; every answer is one of the outcomes below.
 */
import type { Currency } from '../../shared/money/money';

export type RailName = 'financial-account' | 'earmark';

export interface RailCapabilities {
  readonly name: RailName;
  readonly title: string;
  readonly description: string;
  /** Creators' money is in an account of its own at Stripe. */
  readonly segregatedAtStripe: boolean;
  /** Storage → Payments can be asked for by API; otherwise a person does it in the dashboard (a guided step). */
  readonly releaseByApi: boolean;
  /** Payments → Storage and back are entries in our own ledger only; no call is made. */
  readonly movesByLedgerOnly: boolean;
  /** Storage is an account at Stripe, of which there may be several: a person chooses which one. */
  readonly hasStorageAccount: boolean;
}

/** An account at Stripe that can be Storage, with its balances per currency in minor units. */
export interface StorageAccount {
  readonly id: string;
  readonly name: string;
  readonly open: boolean;
  readonly currencies: readonly string[];
  readonly balances: readonly {
    readonly currency: string;
    readonly available: bigint;
    readonly inbound: bigint;
    readonly outbound: bigint;
  }[];
}

/** `withdraw`: Payments to the platform's own bank account. */
export type MovementKind = 'fund' | 'release' | 'pay' | 'withdraw';

/** What an intent asks of the rail. Amount in minor units of `currency`, always positive. */
export interface MovementOrder {
  readonly intentId: string;
  readonly kind: MovementKind;
  readonly currency: Currency;
  readonly amount: bigint;
  /** The connected account that is paid; null for every other kind. */
  readonly stripeAccount: string | null;
  readonly description: string;
  /** Period `YYYY-MM` the movement belongs to. */
  readonly period: string;
  readonly origin?: MovementOrigin;
}

/** Where a movement belongs in the books, kept at Stripe with the object, so that it can be taken over into books that lost it. */
export interface MovementOrigin {
  readonly kind: 'fund' | 'release' | 'pay' | 'canary' | 'compensate' | 'withdraw';
  readonly run: string;
  readonly subject: string;
}

/** The exact call, written down with the intent before any socket opens, and sent unchanged on every attempt. */
export interface CanonicalRequest {
  readonly api: 'v1' | 'v2' | 'none';
  readonly method: 'POST';
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export type MovementOutcome =
  /** Stripe has the object; money left the source and has not arrived everywhere yet. */
  | { readonly state: 'processing'; readonly stripeObject: string; readonly requestId: string | null }
  | { readonly state: 'posted'; readonly stripeObject: string | null; readonly requestId: string | null }
  /** Stripe refused, or the movement ended without moving money (or moved it back before posting). */
  | {
      readonly state: 'failed' | 'canceled';
      readonly stripeObject: string | null;
      readonly requestId: string | null;
      readonly code: string;
      readonly message: string;
    }
  /** It was posted and came back later. */
  | {
      readonly state: 'returned';
      readonly stripeObject: string;
      readonly requestId: string | null;
      readonly code: string;
      readonly message: string;
    }
  /** Nobody knows: connection broke, time-out, server error. Never "failed". */
  | { readonly state: 'unknown'; readonly requestId: string | null; readonly code: string; readonly message: string }
  /** Stripe said "later" before doing anything (429, lock time-out): the same key may be sent again. */
  | {
      readonly state: 'not-now';
      readonly requestId: string | null;
      readonly code: string;
      readonly message: string;
      readonly retryAfterMs: number;
    }
  /** A person has to do it in the dashboard. */
  | { readonly state: 'guided'; readonly clicks: readonly string[] };

/** The answer of a look-up by `metadata.coffer_intent`. `absent` is only given when the whole window was read. */
export type LookupOutcome = MovementOutcome | { readonly state: 'absent' };

export interface StoredMovement {
  readonly order: MovementOrder;
  readonly request: CanonicalRequest;
  readonly idempotencyKey: string;
  readonly stripeObject: string | null;
  readonly createdAt: Date;
}

/** A transfer in the dashboard that looks meant for a guided movement and does not make it. Amount in minor units. */
export interface GuidedSighting {
  readonly kind: /** Less than asked for; more of it may follow. */
    | 'part'
    /** With what came before it, more than asked for. */
    | 'too-much'
    /** The movement is made, and this is a second transfer of the same amount. */
    | 'again'
    /** The amount fits, the currency does not. */
    | 'other-currency'
    /** The amount fits, but it was made before it was asked for. */
    | 'before-asked'
    /** It left Storage, but nothing of the amount came into Payments. */
    | 'one-sided';
  readonly stripeObject: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly at: Date;
}

export interface GuidedDetection {
  /** The proof: one line of Storage, or all lines of a transfer made in parts, joined by `+`. */
  readonly made: { readonly stripeObject: string; readonly at: Date } | null;
  readonly seen: readonly GuidedSighting[];
}

/** Balances of one currency, minor units. */
export interface RailBalances {
  readonly currency: Currency;
  readonly paymentsAvailable: bigint;
  readonly paymentsPending: bigint;
  /** Zero on a rail without an account of its own (the ledger knows the earmarked part). */
  readonly storageAvailable: bigint;
  readonly storageInbound: bigint;
  readonly storageOutbound: bigint;
}

/** Connected accounts that Stripe does not pay out to, and why not, in the person's words. */
export type Refusals = ReadonlyMap<string, string>;

/** A condition at Stripe that can move money behind our back, or stops us. */
export interface RailFinding {
  readonly code: string;
  readonly outcome: 'pass' | 'warning' | 'blocker' | 'information';
  readonly title: string;
  readonly detail: string;
  readonly action: string;
}

/** One line of a balance at Stripe. Amount signed, minor units, net effect on that balance. */
export interface StripeLine {
  readonly stripeId: string;
  readonly side: 'payments' | 'storage';
  readonly type: string;
  readonly currency: Currency;
  readonly amount: bigint;
  readonly createdAt: Date;
  /** The object that caused it: payout, outbound payment, received credit, charge… */
  readonly source: string | null;
  readonly description: string;
}

/** An object at Stripe that carries `metadata.coffer_intent`: a movement made by Coffer, whether these books know it or not. */
export interface OwnMovement {
  readonly stripeObject: string;
  readonly intentId: string;
  /** Empty when Stripe does not say. */
  readonly period: string;
  readonly kind: 'fund' | 'pay' | 'withdraw';
  readonly currency: Currency;
  /** Minor units, positive. */
  readonly amount: bigint;
  /** The account that is paid; null for fund and withdraw. */
  readonly stripeAccount: string | null;
  readonly createdAt: Date;
  readonly description: string;
  /** Null for objects of before it was kept there. */
  readonly origin: MovementOrigin | null;
  readonly outcome: MovementOutcome;
}

/** Stripe's list of events: `/v1/events` or `/v2/core/events`. */
export type EventSource = 'v1' | 'v2';

export interface StripeEvent {
  readonly id: string;
  readonly source: EventSource;
  readonly type: string;
  /** The object that changed; empty for an event about none, such as `balance.available`. */
  readonly object: string;
  readonly createdAt: Date;
}

export interface SegregationRail {
  readonly capabilities: RailCapabilities;
  /** The request as it will be sent. Pure; the same order gives the same request. */
  prepare(order: MovementOrder): CanonicalRequest;
  /** One attempt with the stored key and parameters. */
  send(movement: StoredMovement): Promise<MovementOutcome>;
  /** Finds what became of a movement: by its Stripe object if known, else by `metadata.coffer_intent` in the lists. */
  lookup(movement: StoredMovement): Promise<LookupOutcome>;
  /** Present state of many movements that are processing or posted, by intent id; missing = no news. Reads lists, not one by one. */
  refresh(movements: readonly StoredMovement[]): Promise<ReadonlyMap<string, MovementOutcome>>;
  /** Looks for a guided movement that a person made: the lines that prove it, none of `claimed`. Throws `StripeUnavailable`. */
  detectGuided(movement: StoredMovement, claimed: ReadonlySet<string>): Promise<GuidedDetection>;
  /** The accounts that can be Storage, whatever their state; none where Storage is no account. Throws `StripeUnavailable`. */
  storageAccounts(): Promise<readonly StorageAccount[]>;
  /** All balances. Throws `StripeUnavailable` when Stripe cannot be read. */
  balances(): Promise<readonly RailBalances[]>;
  /** Those of the accounts that Stripe does not pay out to; to all others it does. Throws `StripeUnavailable`. */
  refusals(stripeAccounts: readonly string[]): Promise<Refusals>;
  /** Hazards and permissions for moving `currencies`. Throws `StripeUnavailable`. */
  findings(currencies: readonly Currency[]): Promise<readonly RailFinding[]>;
  /** Settings at Stripe that move money by themselves, and the clock: one read, for every reading. Throws `StripeUnavailable`. */
  hazards(): Promise<readonly RailFinding[]>;
  /** What the key may do: a call for each permission of a restricted key. Throws `StripeUnavailable`. */
  permissions(): Promise<readonly RailFinding[]>;
  /**
   * Every movement of Coffer's own at Stripe created since `from`, oldest first, whichever rail made it. Throws `StripeUnavailable`:
   * a list that was not read whole is no answer.
   */
  ownMovements(from: Date): AsyncIterable<OwnMovement>;
  /** The id of the Stripe account behind the key; null when the key may not read it. Throws `StripeUnavailable`. */
  account(): Promise<string | null>;
  /** Every line of both balances created in [from, to), oldest first. Throws `StripeUnavailable`. */
  lines(from: Date, to: Date): AsyncIterable<StripeLine>;
  /** What Stripe says changed since `from`, newest first; nothing older than 30 days. Throws `StripeUnavailable`. */
  events(source: EventSource, from: Date): AsyncIterable<StripeEvent>;
  cancel(movement: StoredMovement): Promise<MovementOutcome>;
}
