import { describe, expect, it } from 'vitest';
import { oldestFirst } from '../../../electron/rails/reading';
import type { StripeLine } from '../../../electron/rails/segregation-rail';
import { currency } from '../../../shared/money/money';

const START = Date.parse('2026-10-01T00:00:00Z');
const DAY = 86_400_000;

/** `count` lines spread evenly over a day, listed newest first as Stripe lists them. */
function reader(side: 'payments' | 'storage', count: number, seen: { read: number }) {
  const at = (index: number) => START + Math.floor((index * DAY) / count / 1_000) * 1_000;
  return async function* (from: Date, to: Date): AsyncIterable<StripeLine> {
    for (let index = count - 1; index >= 0; index -= 1) {
      const createdAt = new Date(at(index));
      if (createdAt < from || createdAt >= to) continue;
      seen.read += 1;
      yield {
        stripeId: `${side}-${index}`,
        side,
        type: 'x',
        currency: currency('usd'),
        amount: 1n,
        createdAt,
        source: null,
        description: '',
      };
    }
  };
}

describe('lines of a busy account', () => {
  it('come oldest first, each once, although Stripe lists backwards and a slice is bounded', async () => {
    const seen = { read: 0 };
    const readers = [reader('payments', 50_000, seen), reader('storage', 3_000, seen)];
    const counts = { payments: 0, storage: 0 };
    const ids = new Set<string>();
    let last = 0;
    let backwards = 0;
    for await (const line of oldestFirst(readers, new Date(START), new Date(START + DAY))) {
      if (line.createdAt.getTime() < last) backwards += 1;
      last = line.createdAt.getTime();
      counts[line.side] += 1;
      ids.add(line.stripeId);
    }
    expect(backwards).toBe(0);
    expect(counts).toEqual({ payments: 50_000, storage: 3_000 });
    expect(ids.size).toBe(53_000);
    expect(seen.read).toBeLessThan(3 * 53_000);
  });

  it('are none for an empty window', async () => {
    const lines: StripeLine[] = [];
    for await (const line of oldestFirst([reader('payments', 10, { read: 0 })], new Date(START), new Date(START)))
      lines.push(line);
    expect(lines).toEqual([]);
  });
});
