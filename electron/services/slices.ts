/** Work that has to be done on the main loop, in slices: others get their turn in between. */
import { nextTurn } from '../store/chunks';

const SLICE_MS = 10;
/** The clock is looked at after so many. */
const AT_LEAST = 200;

/** To be called between small pieces of work: waits for a turn of the others when a slice is over. */
export function slices(): () => Promise<void> {
  let until = performance.now() + SLICE_MS;
  return async () => {
    if (performance.now() < until) return;
    await nextTurn();
    until = performance.now() + SLICE_MS;
  };
}

/** Calls `each` for 0 to `count` − 1. */
export async function inSlices(count: number, each: (index: number) => void): Promise<void> {
  const pause = slices();
  for (let index = 0; index < count; index += 1) {
    if (index % AT_LEAST === 0) await pause();
    each(index);
  }
}

/** So many are sorted without a pause. */
const SORTED_AT_ONCE = 1_000;

/**
 * The order of 0 to `count` − 1, stable as `sort` is: pieces are sorted, and merged two by two. Numbers as bytes, of which nothing has to
 * be collected.
 */
export async function orderInSlices(count: number, compare: (a: number, b: number) => number): Promise<Uint32Array> {
  const pause = slices();
  let order = upTo(count);
  for (let start = 0; start < count; start += SORTED_AT_ONCE) {
    await pause();
    order.subarray(start, start + SORTED_AT_ONCE).sort(compare);
  }
  let merged: Uint32Array = new Uint32Array(count);
  for (let width = SORTED_AT_ONCE; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const [first, second] = [order.subarray(start, start + width), order.subarray(start + width, start + 2 * width)];
      await merge(first, second, merged.subarray(start), compare, pause);
    }
    [order, merged] = [merged, order];
  }
  return order;
}

/** 0 to `count` − 1. */
export function upTo(count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  for (let number = 0; number < count; number += 1) numbers[number] = number;
  return numbers;
}

async function merge(
  first: Uint32Array,
  second: Uint32Array,
  merged: Uint32Array,
  compare: (a: number, b: number) => number,
  pause: () => Promise<void>,
): Promise<void> {
  let left = 0;
  let right = 0;
  while (left < first.length || right < second.length) {
    if ((left + right) % AT_LEAST === 0) await pause();
    const takesFirst =
      right === second.length || (left < first.length && compare(first[left] as number, second[right] as number) <= 0);
    merged[left + right] = takesFirst ? (first[left] as number) : (second[right] as number);
    if (takesFirst) left += 1;
    else right += 1;
  }
}
