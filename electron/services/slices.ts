/** Work that has to be done on the main loop, in slices: others get their turn in between. */
import { inChunks, nextTurn } from '../store/chunks';

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

/** What `sort` comes to, stable as it is: pieces are sorted, and merged two by two. */
export async function sortInSlices<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const pause = slices();
  let pieces: T[][] = [];
  for (const some of inChunks(items, SORTED_AT_ONCE)) {
    await pause();
    pieces.push([...some].sort(compare));
  }
  while (pieces.length > 1) {
    const merged: T[][] = [];
    for (const [first, second] of inChunks(pieces, 2)) {
      if (first !== undefined) merged.push(second === undefined ? first : await merge(first, second, compare, pause));
    }
    pieces = merged;
  }
  return pieces[0] ?? [];
}

async function merge<T>(
  first: readonly T[],
  second: readonly T[],
  compare: (a: T, b: T) => number,
  pause: () => Promise<void>,
): Promise<T[]> {
  const merged: T[] = [];
  let left = 0;
  let right = 0;
  while (left < first.length || right < second.length) {
    if (merged.length % AT_LEAST === 0) await pause();
    const takesFirst =
      right === second.length || (left < first.length && compare(first[left] as T, second[right] as T) <= 0);
    merged.push((takesFirst ? first[left++] : second[right++]) as T);
  }
  return merged;
}
