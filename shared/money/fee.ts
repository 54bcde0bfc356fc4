/**
 * The platform fee. Half up on the magnitude: `fee = (gross × bps + 5000) / 10000`, integer division,
 * per creator, currency and period. Never compute a fee by splitting 7:93.
 */
export interface FeeRule {
  /** Named in every entry that used the rule. */
  readonly version: string;
  /** First period (`YYYY-MM`) the rule applies to. */
  readonly from: string;
  /** Basis points of the gross: 700 = 7 %. */
  readonly bps: number;
}

export const FEE_RULE_VERSION = 'half-up-v1';

/** Fee in the minor units of `gross`. `bps` is a whole number of basis points from 0 to 10000. */
export function platformFee(gross: bigint, bps: number): bigint {
  if (!Number.isInteger(bps) || bps < 0 || bps > 10_000) throw new Error(`Fee of ${bps} basis points is not possible`);
  const magnitude = gross < 0n ? -gross : gross;
  const fee = (magnitude * BigInt(bps) + 5_000n) / 10_000n;
  return gross < 0n ? -fee : fee;
}
