import { render } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { Amount, AmountCell, plainDecimal } from '../../renderer/components';
import { simulateWindow } from './rendering';

simulateWindow();

/** What is read aloud: the text without what is hidden from assistive technology. */
function aloud(element: Element): string {
  const copy = element.cloneNode(true) as Element;
  for (const hidden of copy.querySelectorAll('[aria-hidden="true"]')) hidden.remove();
  return copy.textContent ?? '';
}

function seen(element: Element): string {
  const copy = element.cloneNode(true) as Element;
  for (const hidden of copy.querySelectorAll('.visually-hidden, .amount-room')) hidden.remove();
  return copy.textContent ?? '';
}

describe('an amount', () => {
  test('is grouped and keeps the decimals of its currency', () => {
    expect(seen(render(<Amount value="700000" currency="usd" />).container)).toBe('7,000.00');
    expect(seen(render(<Amount value="0" currency="usd" />).container)).toBe('0.00');
    expect(seen(render(<Amount value="1234567" currency="jpy" />).container)).toBe('1,234,567');
    expect(seen(render(<Amount value="1234567" currency="kwd" />).container)).toBe('1,234.567');
  });

  test('below zero stands in parentheses and is read as minus', () => {
    const { container } = render(<Amount value="-120050" currency="usd" showCurrency />);
    expect(seen(container)).toBe('(1,200.50) USD');
    expect(aloud(container)).toBe('minus 1,200.50 USD');
  });

  test('beyond the safe integers is exact', () => {
    expect(seen(render(<Amount value="9007199254740993" currency="usd" />).container)).toBe('90,071,992,547,409.93');
  });

  test('that is not applicable and one that is not loaded are two different things', () => {
    const notApplicable = render(<Amount value={null} currency="usd" />).container;
    expect(seen(notApplicable)).toBe('—');
    expect(aloud(notApplicable)).toBe('not applicable');
    expect(seen(render(<Amount value={undefined} currency="usd" />).container)).toBe('not loaded');
  });

  test('in a column keeps the room of the closing parenthesis, so that decimals align', () => {
    expect(render(<AmountCell value="100" currency="usd" />).container.querySelector('.amount-room')).not.toBeNull();
    expect(render(<AmountCell value="-100" currency="usd" />).container.querySelector('.amount-room')).toBeNull();
  });

  test('goes to CSV as a plain number', () => {
    expect(plainDecimal('-120050', 'usd')).toBe('-1200.50');
  });
});
