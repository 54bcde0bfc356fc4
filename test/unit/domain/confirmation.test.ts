/** Rule: before money moves or a month closes, a person types the amount and the month. */
import { describe, expect, test } from 'vitest';
import { confirmationText, confirms } from '../../../shared/domain/confirmation';
import { currency } from '../../../shared/money/money';

const usd = (amount: bigint) => ({ currency: currency('usd'), amount });
const jpy = (amount: bigint) => ({ currency: currency('jpy'), amount });

describe('The text to type', () => {
  test('names the amount with its decimals and the month', () => {
    expect(confirmationText([usd(700_000n)], '2026-10')).toBe('7000.00 2026-10');
    expect(confirmationText([jpy(4_220n)], '2026-10')).toBe('4220 2026-10');
    expect(confirmationText([], '2026-10')).toBe('0.00 2026-10');
  });

  test('names each of several currencies, in the order of their codes', () => {
    const text = '4220 JPY + 1429.27 USD 2026-10';
    expect(confirmationText([usd(142_927n), jpy(4_220n)], '2026-10')).toBe(text);
    expect(confirmationText([jpy(4_220n), usd(142_927n)], '2026-10')).toBe(text);
  });
});

describe('What was typed', () => {
  test.each(['7000.00 2026-10', ' 7000.00   2026-10 ', '7,000.00 2026-10', '7000.00\t2026-10'])(
    '"%s" confirms',
    (typed) => {
      expect(confirms(typed, '7000.00 2026-10')).toBe(true);
    },
  );

  test('small letters confirm too', () => {
    expect(confirms('4220 jpy + 1429.27 usd 2026-10', '4220 JPY + 1429.27 USD 2026-10')).toBe(true);
  });

  test.each([
    '',
    '7000 2026-10',
    '7000.0 2026-10',
    '70000.0 2026-10',
    '7000.00',
    '2026-10',
    '7000.00 2026-11',
    '7000.002026-10',
    '-7000.00 2026-10',
    'yes',
  ])('"%s" does not confirm', (typed) => {
    expect(confirms(typed, '7000.00 2026-10')).toBe(false);
  });
});
