/** Longer than this nobody waits for it, however busy the page is. */
const AT_MOST_MS = 1_000;

/** Resolves when the page has nothing to do: for what the first screen is not made of. */
export function whenIdle(): Promise<void> {
  return new Promise((resolve) => {
    requestIdleCallback(() => resolve(), { timeout: AT_MOST_MS });
  });
}
