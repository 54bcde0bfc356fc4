import { expect, test } from 'vitest';
import { matchGuided, type TransferSide } from '../../../electron/rails/guided-match';

const at = (ms: number): Date => new Date(Date.UTC(2026, 10, 2, 9) + ms);
const side = (id: string, ms: number): TransferSide => ({ id, amount: 1_093n, currency: 'usd', at: at(ms) });
const order = { amount: 1_093n, currency: 'usd' } as Parameters<typeof matchGuided>[0];

// Stripe's times of Payments lines have whole seconds: the line of a transfer made at 1.95 s says 1 s.
test('a Payments line belongs to the transfer of its second, not to one just before it', () => {
  const found = matchGuided(
    order,
    at(900),
    [side('to-a-bank', 700), side('asked-for', 1_950)],
    [side('line', 1_000)],
    new Set(),
  );
  expect(found.made?.stripeObject).toBe('asked-for');
});

test('of two in the same second, it belongs to the one that is not explained otherwise', () => {
  const explained = new Set(['to-a-bank']);
  const found = matchGuided(
    order,
    at(1_100),
    [side('to-a-bank', 1_200), side('asked-for', 1_950)],
    [side('line', 1_000)],
    explained,
  );
  expect(found.made?.stripeObject).toBe('asked-for');
});
