/** Which long list is read, and how it crosses from the worker: plain data. */
import type { PayoutStatus } from '../../../shared/contract/payouts';
import type { ExceptionClass, ReconciliationRow } from '../../../shared/contract/proof';
import type { PackedList } from './packed-list';

export interface CreatorsFilter {
  readonly onlyHeld: boolean;
}

export interface SubscribersFilter {
  readonly period: string;
  readonly onlyHalfUnused: boolean;
}

export interface PayoutsFilter {
  readonly period?: string | undefined;
  readonly status?: PayoutStatus | undefined;
  readonly creatorId?: string | undefined;
}

export interface LinesFilter {
  readonly period: string;
  readonly outcome?: ReconciliationRow['outcome'] | undefined;
  readonly class?: ExceptionClass | undefined;
  readonly owner?: 'me' | 'anybody' | 'nobody' | undefined;
  /** Who is meant by `me`. */
  readonly asking: string;
}

/** The lines behind a balance at Stripe. */
export interface BalanceLinesFilter {
  readonly currency: string;
  readonly side: 'payments' | 'storage';
}

/** What each list depends on besides the store. */
export interface ListFilters {
  readonly creators: CreatorsFilter;
  readonly subscribers: SubscribersFilter;
  readonly payouts: PayoutsFilter;
  readonly lines: LinesFilter;
  readonly 'balance-lines': BalanceLinesFilter;
}

export type ListOrder = {
  readonly [K in keyof ListFilters]: { readonly list: K; readonly filter: ListFilters[K] };
}[keyof ListFilters];

export interface PackedContent {
  readonly rows: PackedList;
  /** JSON. */
  readonly more: string;
}
