import { describe, expect, it } from 'vitest';
import { amountInWords } from '../../../electron/rails/amount-words';
import { amountText, grouped } from '../../../shared/money/amount-text';
import { currency } from '../../../shared/money/money';

describe('amounts a person types into the dashboard', () => {
  it.each([
    [0n, 'usd', '0.00 USD', 'zero and 00/100 USD'],
    [1n, 'usd', '0.01 USD', 'zero and 01/100 USD'],
    [700_000n, 'usd', '7,000.00 USD', 'seven thousand and 00/100 USD'],
    [
      123_456_789n,
      'eur',
      '1,234,567.89 EUR',
      'one million two hundred thirty-four thousand five hundred sixty-seven and 89/100 EUR',
    ],
    [1_000_019n, 'jpy', '1,000,019 JPY', 'one million nineteen JPY'],
    [40_005n, 'kwd', '40.005 KWD', 'forty and 005/1000 KWD'],
    [10_010n, 'usd', '100.10 USD', 'one hundred and 10/100 USD'],
  ])('%s %s', (amount, code, figures, words) => {
    expect(amountText(amount, currency(code))).toBe(figures);
    expect(amountInWords(amount, currency(code))).toBe(words);
  });
});

it.each([
  [-1_200n, 'eur', '-12.00 EUR'],
  [-123_456_789n, 'usd', '-1,234,567.89 USD'],
  [-100_000n, 'jpy', '-100,000 JPY'],
  [99_999n, 'usd', '999.99 USD'],
  [100n, 'jpy', '100 JPY'],
] as const)('%s %s in a sentence', (amount, code, figures) => {
  expect(amountText(amount, currency(code))).toBe(figures);
  expect(`${grouped(amount, currency(code))} ${code.toUpperCase()}`).toBe(figures);
});
