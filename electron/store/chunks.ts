/** Much to read or write is done in pieces, and the main loop answers whoever waits in between. */

const IDS_PER_QUERY = 500;

export function* inChunks<T>(items: readonly T[], size = IDS_PER_QUERY): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

const ROWS_PER_PAGE = 500;

/**
 * Rows in pages, each read when it is asked for.
 * @param read the next rows of at most this size after the last one read, in an order that no two rows share
 */
export async function* pages<Row>(
  read: (last: Row | null, size: number) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let last: Row | null = null;
  for (;;) {
    const rows: readonly Row[] = await read(last, ROWS_PER_PAGE);
    yield rows;
    if (rows.length < ROWS_PER_PAGE) return;
    last = rows.at(-1) ?? null;
    await nextTurn();
  }
}

/** Resolves when everything that waits for the main loop has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
