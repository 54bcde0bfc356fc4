/** The coverage equation of one currency, in minor units. Source: docs/rules.md, "Coverage". */

export interface CoverageTerms {
  readonly storageAvailable: bigint;
  readonly inboundPending: bigint;
  readonly outboundPending: bigint;
  /** Owed to creators and suspense. */
  readonly owed: bigint;
}

/** Positive: surplus. Negative: shortfall. */
export function coverageDifference(terms: CoverageTerms): bigint {
  return terms.storageAvailable + terms.inboundPending + terms.outboundPending - terms.owed;
}

/** Coverage in basis points, rounded down; null when nothing is owed. Covered in full is exactly 10000 or more. */
export function coverageBps(terms: CoverageTerms): number | null {
  if (terms.owed <= 0n) return null;
  return Number(((terms.storageAvailable + terms.inboundPending + terms.outboundPending) * 10_000n) / terms.owed);
}

export type SplitBand = 'normal' | 'watch' | 'alert' | 'none';

/** Payments as a share of both balances: at or below 10/90 watch, at or below 5/95 alert, else normal. Information only. */
export function splitBand(
  payments: bigint,
  storage: bigint,
): { readonly shareBps: number | null; readonly band: SplitBand } {
  const total = payments + storage;
  if (total <= 0n || payments < 0n) return { shareBps: null, band: 'none' };
  const shareBps = Number((payments * 10_000n) / total);
  // By the exact share, not by the rounded one: a cent above 10/90 is not 10/90.
  if (payments * 10n > total) return { shareBps, band: 'normal' };
  return { shareBps, band: payments * 20n > total ? 'watch' : 'alert' };
}
