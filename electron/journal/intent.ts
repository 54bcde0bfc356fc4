/**
 * An intent is one movement of money, written down before any socket opens. Its state is the latest of its appended events.
 * Protocol and reasons: docs/moving-money.md.
 */

import type { Selectable } from 'kysely';
import type { Currency } from '../../shared/money/money';
import { currency } from '../../shared/money/money';
import type { CanonicalRequest, MovementKind, StoredMovement } from '../rails/segregation-rail';
import type { Schema } from '../store/schema';

export const KINDS = ['fund', 'release', 'pay', 'canary', 'compensate', 'withdraw'] as const;
export type IntentKind = (typeof KINDS)[number];

export type IntentState =
  | 'planned'
  | 'sending'
  | 'unknown'
  | 'processing'
  | 'posted'
  | 'failed'
  | 'returned'
  | 'canceled'
  | 'compensated';

const NEXT: Readonly<Record<IntentState, readonly IntentState[]>> = {
  // `posted` straight from `planned`: a ledger-only movement, or a guided one that a person made.
  planned: ['sending', 'canceled', 'posted', 'failed'],
  // Back to `planned`: Stripe said "later" before doing anything.
  sending: ['sending', 'planned', 'unknown', 'processing', 'posted', 'failed', 'canceled'],
  unknown: ['sending', 'unknown', 'processing', 'posted', 'failed', 'canceled', 'returned'],
  processing: ['processing', 'posted', 'failed', 'canceled', 'returned'],
  posted: ['returned', 'compensated'],
  failed: [],
  returned: [],
  canceled: [],
  compensated: [],
};

export const STATES = Object.keys(NEXT) as readonly IntentState[];

export function canFollow(from: IntentState, to: IntentState): boolean {
  return NEXT[from].includes(to);
}

/** Money may still move, or has moved and stayed moved: no second intent for the same subject may exist. */
export function occupiesSubject(state: IntentState): boolean {
  return state !== 'failed' && state !== 'returned' && state !== 'canceled' && state !== 'compensated';
}

export const OPEN_STATES: readonly IntentState[] = ['planned', 'sending', 'unknown', 'processing'];

/** Not decided yet: something is still going to happen or to be found out. */
export function isOpen(state: IntentState): boolean {
  return OPEN_STATES.includes(state);
}

export interface NewIntent {
  readonly kind: IntentKind;
  /** The run it belongs to: `migration:ID`, `withdrawal:ID`, `month-end:PERIOD:VERSION`, `funding:PERIOD`. */
  readonly run: string;
  readonly batch: string;
  /** What it is about; at most one intent per subject may occupy it. */
  readonly subject: string;
  readonly period: string;
  readonly creatorId: string | null;
  readonly currency: Currency;
  readonly amount: bigint;
  readonly stripeAccount: string | null;
  readonly description: string;
  readonly approvedHash: string | null;
  readonly retryOf: string | null;
}

export type IntentRow = Selectable<Schema['intent']>;
export type IntentStateRow = Selectable<Schema['intent_state']>;

export interface Intent extends IntentRow {
  readonly state: IntentState;
  readonly attempts: number;
  readonly stripe_object: string | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly settled_at: string | null;
}

export function movementKind(kind: IntentKind): MovementKind {
  switch (kind) {
    case 'canary':
    case 'fund':
      return 'fund';
    case 'compensate':
    case 'release':
      return 'release';
    case 'pay':
      return 'pay';
    case 'withdraw':
      return 'withdraw';
  }
}

/** The movement exactly as it was written down. */
export function storedMovement(row: IntentRow, stripeObject: string | null): StoredMovement {
  const request: CanonicalRequest = JSON.parse(row.request);
  return {
    order: {
      intentId: row.intent_id,
      kind: movementKind(row.kind as IntentKind),
      currency: currency(row.currency),
      amount: row.amount,
      stripeAccount: row.stripe_account,
      description: row.description,
      period: row.period,
    },
    request,
    idempotencyKey: row.idempotency_key,
    stripeObject,
    createdAt: new Date(row.created_at),
  };
}
