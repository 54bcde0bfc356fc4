/**
 * What an accountant calls each thing that the generator does, written without a look at the matcher. Source: docs/reconciliation.md.
 */
import type { Planted } from './generate';

export type ClassName =
  | 'unknown-to-us'
  | 'unknown-to-stripe'
  | 'amount-differs'
  | 'currency-differs'
  | 'duplicate'
  | 'late'
  | 'outside-movement';

const CALLED: Readonly<Record<Planted['deed'], ClassName>> = {
  'a line of an unfamiliar type': 'unknown-to-us',
  'lines of our movement taken out': 'unknown-to-stripe',
  'another amount': 'amount-differs',
  'another currency': 'currency-differs',
  'a line repeated': 'duplicate',
  'a line withheld until its month was closed': 'late',
  'money moved by hand': 'outside-movement',
};

/** How many of each class a year has. */
export const COUNTS: Readonly<Record<ClassName, number>> = {
  'unknown-to-us': 29,
  'unknown-to-stripe': 28,
  'amount-differs': 28,
  'currency-differs': 28,
  duplicate: 29,
  late: 29,
  'outside-movement': 29,
};

/** The exceptions that there must be, each as `class side id`: all of them, and no other. */
export function expectedExceptions(planted: readonly Planted[]): string[] {
  return planted.flatMap(({ deed, lines }) => lines.map(({ side, id }) => `${CALLED[deed]} ${side} ${id}`)).sort();
}

export function expectedCounts(planted: readonly Planted[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { deed } of planted) counts[CALLED[deed]] = (counts[CALLED[deed]] ?? 0) + 1;
  return counts;
}
