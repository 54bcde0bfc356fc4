import type { ExceptionClass, ReconciliationRow } from '../../../shared/contract';
import { StatusPill, type StatusTone } from '../../components';

export type Outcome = ReconciliationRow['outcome'];

export const outcomes: Readonly<Record<Outcome, { readonly tone: StatusTone; readonly word: string }>> = {
  matched: { tone: 'good', word: 'Matched' },
  timing: { tone: 'progress', word: 'Timing' },
  exception: { tone: 'bad', word: 'Exception' },
};

export const classWords: Readonly<Record<ExceptionClass, string>> = {
  'unknown-to-us': 'Unknown to us',
  'unknown-to-stripe': 'Unknown to Stripe',
  'amount-differs': 'Amount differs',
  'currency-differs': 'Currency differs',
  duplicate: 'Duplicate',
  late: 'Late',
  'outside-movement': 'Outside movement',
};

export const owners = { me: 'Taken by me', anybody: 'Taken by anybody', nobody: 'Taken by nobody' } as const;
export type Owner = keyof typeof owners;

/** What the table shows of the lines; undefined shows all. */
export interface LineFilter {
  readonly outcome: Outcome | undefined;
  readonly class: ExceptionClass | undefined;
  readonly owner: Owner | undefined;
}

export function parseClass(text: string | undefined): ExceptionClass | undefined {
  return text !== undefined && Object.hasOwn(classWords, text) ? (text as ExceptionClass) : undefined;
}

export function parseOwner(text: string | undefined): Owner | undefined {
  return text !== undefined && Object.hasOwn(owners, text) ? (text as Owner) : undefined;
}

export const sides: Readonly<Record<ReconciliationRow['side'], string>> = {
  payments: 'Payments',
  storage: 'Storage',
  ledger: 'Ledger only',
};

/** Reads an outcome that arrives as text, such as a parameter of the screen. */
export function parseOutcome(text: string | undefined): Outcome | undefined {
  return text !== undefined && Object.hasOwn(outcomes, text) ? (text as Outcome) : undefined;
}

export function isOpenException({ outcome, resolvedBy }: ReconciliationRow): boolean {
  return outcome === 'exception' && resolvedBy === null;
}

export function outcomeWord(row: ReconciliationRow): string {
  return row.outcome === 'exception' && row.resolvedBy !== null ? 'Explained' : outcomes[row.outcome].word;
}

export function OutcomePill({ row }: { readonly row: ReconciliationRow }) {
  const explained = row.outcome === 'exception' && row.resolvedBy !== null;
  return <StatusPill tone={explained ? 'neutral' : outcomes[row.outcome].tone}>{outcomeWord(row)}</StatusPill>;
}

/** Stripe's type of a line in words: `outbound_payment` → `Outbound payment`. */
export function typeWords(type: string): string {
  const words = type.replaceAll(/[._-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
