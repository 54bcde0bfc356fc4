/** What the worker does with a store, what it is given for that and what it gives back: plain data. */
import type { ExportFile } from '../../shared/contract/proof';
import type { Checkpoint, LogVerdict } from '../journal/audit-checkpoint';

export interface StoreJobs {
  readonly 'export-list': { readonly given: { readonly period: string }; readonly answer: ExportFile[] };
  readonly 'save-exports': {
    readonly given: { readonly period: string; readonly names: readonly string[]; readonly directory: string };
    readonly answer: WrittenFile[];
  };
  readonly 'verify-audit': { readonly given: AuditQuestion; readonly answer: AuditFindings };
  readonly 'binder-files': { readonly given: BinderOrder; readonly answer: BinderFiles };
  readonly statements: { readonly given: { readonly named: readonly string[] }; readonly answer: StatementsFile };
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
