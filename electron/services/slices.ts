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
