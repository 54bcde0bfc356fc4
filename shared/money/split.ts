export interface Share {
  readonly id: string;
  /** Weight of the share, not negative. For over-allocation: the amount wanted, in minor units. */
  readonly weight: bigint;
}

/** Orders ids by the bytes of their UTF-8 form, the tie rule used everywhere in Coffer. */
export function byBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return isSurrogate(x) || isSurrogate(y) ? byCodePoints(a, b) : x - y;
  }
  return a.length - b.length;
}

/** UTF-16 order differs from byte order only above the surrogates. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function byCodePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const x = left[i]?.codePointAt(0) ?? 0;
    const y = right[i]?.codePointAt(0) ?? 0;
    if (x !== y) return x - y;
  }
  return left.length - right.length;
}

/**
 * Largest remainder: splits `total` minor units over the shares in proportion to their weights. Each share is floored;
 * the left-over units go to the largest fractional remainders, ties by id in ascending byte order.
 * The result has the order of `shares` and sums to `total` exactly (to zero where all weights are zero).
 */
export function splitLargestRemainder(total: bigint, shares: readonly Share[]): bigint[] {
  if (total < 0n) throw new Error('Cannot split a negative amount');
  let weights = 0n;
  for (const share of shares) {
    if (share.weight < 0n) throw new Error(`Share ${share.id} has a negative weight`);
    weights += share.weight;
  }
  if (weights === 0n) return shares.map(() => 0n);
  const result: bigint[] = [];
  const remainders: { index: number; remainder: bigint; id: string }[] = [];
  let given = 0n;
  shares.forEach((share, index) => {
    const exact = total * share.weight;
    const floor = exact / weights;
    result.push(floor);
    given += floor;
    remainders.push({ index, remainder: exact % weights, id: share.id });
  });
  remainders.sort((a, b) => (a.remainder === b.remainder ? byBytes(a.id, b.id) : a.remainder > b.remainder ? -1 : 1));
  let left = total - given;
  for (const { index } of remainders) {
    if (left === 0n) break;
    result[index] = (result[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return result;
}
