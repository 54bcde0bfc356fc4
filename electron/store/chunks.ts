/** Much to read or write is done in pieces, and the main loop answers whoever waits in between. */

const IDS_PER_QUERY = 500;

export function* inChunks<T>(items: readonly T[], size = IDS_PER_QUERY): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Resolves when everything that waits for the main loop has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
