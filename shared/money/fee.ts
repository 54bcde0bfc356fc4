/**
 * The platform fee. Half up on the magnitude: `fee = (gross × bps + 5000) / 10000`, integer division,
 * per creator, currency and period. Never compute a fee by splitting 7:93.
 */

export const FEE_RULE_VERSION = 'half-up-v1';

/** The rule as every earning that used it names it: version and basis points, `half-up-v1@700`. */
export function feeRuleName(bps: number): string {
  return `${FEE_RULE_VERSION}@${bps}`;
}

/** The basis points a named rule charged. Throws on a name that is not one of ours: that is a bug. */
export function feeRuleBps(name: string): number {
  const bps = /^half-up-v1@(\d{1,5})$/.exec(name)?.[1];
  if (bps === undefined) throw new Error(`"${name}" is not a fee rule`);
  return Number(bps);
}

/** Fee in the minor units of `gross`. `bps` is a whole number of basis points from 0 to 10000. */
export function platformFee(gross: bigint, bps: number): bigint {
  if (!Number.isInteger(bps) || bps < 0 || bps > 10_000) throw new Error(`Fee of ${bps} basis points is not possible`);
  const magnitude = gross < 0n ? -gross : gross;
  const fee = (magnitude * BigInt(bps) + 5_000n) / 10_000n;
  return gross < 0n ? -fee : fee;
}
