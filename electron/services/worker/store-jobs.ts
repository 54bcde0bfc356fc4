/** What the worker does with a store, what it is given for that and what it gives back: plain data. */
import type { MonthEndView } from '../../../shared/contract/month-end';
import type { ExportFile } from '../../../shared/contract/proof';
import type { CreatorResult, CurrencyTotals, SubscriberResult, UsageBand } from '../../../shared/period/calculation';
import type { Period } from '../../../shared/period/period';
import type { UsageSums } from '../../../shared/period/usage';
import type { Checkpoint, LogVerdict } from '../../journal/audit-checkpoint';
import type { Refusals } from '../../rails/segregation-rail';
import type { ListOrder, PackedContent } from '../lists/list-orders';
import type { MonthEndRun, StepOutcome } from '../month-end/run';
import type { PackedLines } from '../reconciliation/packed-lines';
import type { PackedTable } from './packed';

export interface StoreJobs {
  readonly list: { readonly given: ListOrder; readonly answer: PackedContent };
  readonly 'export-list': { readonly given: { readonly period: string }; readonly answer: ExportFile[] };
  readonly 'save-exports': {
    readonly given: { readonly period: string; readonly names: readonly string[]; readonly directory: string };
    readonly answer: WrittenFile[];
  };
  readonly 'verify-audit': { readonly given: AuditQuestion; readonly answer: AuditFindings };
  readonly 'binder-files': { readonly given: BinderOrder; readonly answer: BinderFiles };
  readonly statements: { readonly given: { readonly named: readonly string[] }; readonly answer: StatementsFile };
  readonly owed: { readonly given: object; readonly answer: PackedOwed };
  readonly month: { readonly given: { readonly period: Period }; readonly answer: PackedMonths };
  readonly subscribers: {
    readonly given: { readonly period: Period };
    readonly answer: ReadonlyMap<string, PackedTable<SubscriberResult>>;
  };
  readonly planned: { readonly given: object; readonly answer: ReadonlyMap<string, PlannedSums> };
  readonly lapsed: { readonly given: { readonly period: string }; readonly answer: readonly LapsedBand[] };
  readonly snapshot: { readonly given: { readonly period: string }; readonly answer: Snapshot };
  readonly 'pay-outcomes': { readonly given: { readonly period: Period }; readonly answer: PayOutcomes };
  readonly 'earning-sums': { readonly given: { readonly period: string }; readonly answer: EarningSums };
  readonly 'to-sign': { readonly given: { readonly period: string }; readonly answer: PackedTable<SignedEarning> };
  readonly 'payable-accounts': {
    readonly given: { readonly period: Period };
    readonly answer: PackedTable<AccountRow>;
  };
  readonly 'match-lines': { readonly given: MatchingOrder; readonly answer: null };
  readonly 'post-earnings': { readonly given: PostingOrder; readonly answer: StepOutcome };
}

/** How the payouts of a month came out. */
export type PayOutcomes = Pick<MonthEndView, 'outcomes' | 'causes'>;

/** An account at Stripe. */
export interface AccountRow {
  readonly account: string;
}

/** Who has something written, and by which clock. */
export interface Order {
  readonly actor: string;
  /** How far the clock of the books is ahead of the computer's, in milliseconds. */
  readonly clockAhead: number;
}

export interface MatchingOrder extends Order {
  readonly lines: PackedLines;
  /** Also what was matched before, and movements without a line. */
  readonly all: boolean;
  /** How far Stripe's clock is ahead of the computer's, in milliseconds. */
  readonly stripeAhead: number;
}

export interface PostingOrder extends Order {
  readonly run: MonthEndRun;
  readonly startedAt: Date;
  readonly refusals: Refusals;
}

/** A month of one currency as far as it is calculated, without its subscribers one by one. */
export interface PackedMonth {
  /** Creators with earnings or an opening balance, in no particular order. */
  readonly creators: PackedTable<CreatorResult>;
  /** Gross, without fee, of allocations to a creator nobody knows. */
  readonly suspense: ReadonlyMap<string, bigint>;
  readonly totals: CurrencyTotals;
  readonly usage: UsageSums;
}

/** By currency. */
export type PackedMonths = ReadonlyMap<string, PackedMonth>;

export interface Obligation {
  readonly creatorId: string;
  readonly currency: string;
  /** In the ledger already: earlier months, carried forward, held. */
  readonly opening: bigint;
  /** Net earned in the open month so far. */
  readonly openPeriod: bigint;
  readonly suspense: boolean;
}

/** Σ of the obligations in one currency. */
export type OwedSum = Pick<Obligation, 'opening' | 'openPeriod'>;

export interface PackedOwed {
  readonly accruing: { readonly period: Period; readonly results: PackedMonths } | null;
  readonly obligations: PackedTable<Obligation>;
  /** By currency. */
  readonly sums: ReadonlyMap<string, OwedSum>;
}

/** What of a currency would happen if the open month closed now: Σ payable by disposition. */
export interface PlannedSums {
  readonly pay: bigint;
  readonly payCreators: number;
  readonly carried: bigint;
  readonly held: bigint;
}

/** The subscribers of a calculated month in one currency and usage band. */
export interface LapsedBand {
  readonly currency: string;
  readonly band: UsageBand;
  readonly subscribers: number;
  readonly unallocated: bigint;
  /** Those who left something unallocated. */
  readonly withUnallocated: number;
  readonly halfUnused: { readonly subscribers: number; readonly unallocated: bigint };
}

/** What a lock binds. */
export interface Snapshot {
  readonly hash: string;
  readonly payments: number;
  readonly allocations: number;
}

/** What the close writes down of an earning. */
export type SignedEarning = Pick<EarningResult, 'creatorId' | 'currency' | 'paid' | 'disposition' | 'reason'>;

/** The earnings of one currency that have come to the same. */
export interface EarningSum {
  readonly currency: string;
  /** As in `EarningResult`. */
  readonly disposition: string;
  readonly count: number;
  readonly payable: bigint;
  readonly paid: bigint;
  readonly owedAfter: bigint;
}

export interface EarningSums {
  /** By currency and disposition. */
  readonly sums: readonly EarningSum[];
  /** Creators who are still to be paid, in any currency. */
  readonly toPay: number;
}

export interface EarningResult {
  readonly period: string;
  readonly creatorId: string;
  readonly currency: string;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  readonly opening: bigint;
  readonly payable: bigint;
  readonly paid: bigint;
  readonly owedAfter: bigint;
  /** none, held, carried, planned, paid, failed, returned or unknown. */
  readonly disposition: string;
  readonly reason: string;
}

export interface WrittenFile {
  readonly name: string;
  readonly rows: number;
  readonly sha256: string;
}

/** What the log is held against, besides itself. */
export interface AuditQuestion {
  readonly mode: string;
  readonly checkpoints: readonly Checkpoint[];
  /** The public key of the key in the keychain, when it can be asked. */
  readonly ownKey: string | null;
}

export interface AuditFindings {
  readonly verdict: LogVerdict;
  /** The public key that the log names last. */
  readonly key: string | null;
  /** Closed months whose figures are not those that were signed; asked of a whole log only. */
  readonly lapsed: readonly string[];
}

export interface BinderOrder {
  readonly period: string;
  readonly mode: string;
  /** The text of the stand-alone program. */
  readonly verifier: string;
  readonly signed: Checkpoint;
}

export interface BinderFiles {
  /** By name, UTF-8 or what the file is. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly manifestHash: string;
}

export interface BinderContent {
  readonly zip: Uint8Array;
  readonly sha256: string;
}

export interface StatementsFile {
  /** CSV, UTF-8. */
  readonly content: Uint8Array;
  readonly creators: number;
  readonly rows: number;
}
