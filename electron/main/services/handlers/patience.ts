/** How long one step waits for Stripe before it says "still under way" and leaves the rest to polling. */
export const PATIENCE_MS = 20_000;
