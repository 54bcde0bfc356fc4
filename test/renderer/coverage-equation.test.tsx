import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { CoverageEquation, CoverageParts } from '../../renderer/screens/balances/coverage-equation';
import { useNavigation } from '../../renderer/state/navigation';
import { coverageEurShort, coverageJpyNothingOwed, coverageUsd, fakeCoffer } from './fake-coffer';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

describe('the coverage equation', () => {
  test('reads as storage + inbound + outbound − owed = surplus', () => {
    render(<CoverageEquation view={coverageUsd} />);
    expect(
      screen.getByRole('group', {
        name:
          'Storage available 47,195.65 USD, plus inbound pending 620.00 USD, plus outbound pending 1,185.40 USD, ' +
          'less owed 48,881.05 USD, equals 120.00 USD',
      }),
    ).toBeDefined();
    expect(screen.getByRole('button', { name: /^Surplus/ })).toBeDefined();
    expect(screen.getByText('100.24 %')).toBeDefined();
    expect(screen.getByText('Covered')).toBeDefined();
  });

  test('a shortfall is named, in parentheses, and an unexplained part raises its voice', () => {
    render(<CoverageEquation view={coverageEurShort} />);
    expect(screen.getByRole('button', { name: /^Shortfall minus 500\.00/ })).toBeDefined();
    expect(screen.getByText('Unexplained difference')).toBeDefined();
  });

  test('with nothing owed the coverage is —, not 100 %', () => {
    render(<CoverageEquation view={coverageJpyNothingOwed} />);
    expect(screen.getByText('—')).toBeDefined();
    expect(screen.getByText('Nothing owed')).toBeDefined();
  });

  test('every term opens its own lines', async () => {
    const { fake } = renderOver(fakeCoffer(), <CoverageEquation view={coverageUsd} />);
    await userEvent.click(screen.getByRole('button', { name: /^Outbound pending/ }));
    const drawer = await screen.findByRole('dialog', { name: 'Outbound pending, USD' });
    expect(await within(drawer).findByText('al_9000')).toBeDefined();
    expect(fake.calls.at(-1)).toEqual({
      channel: 'balances.lines',
      args: { offset: 0, limit: 100, currency: 'usd', term: 'outbound-pending' },
    });
  });
});

test('Payments is added up, available and pending, and the sum opens its lines', async () => {
  const { fake } = renderOver(fakeCoffer(), <CoverageParts view={coverageUsd} />);
  const sum = screen.getByRole('button', { name: 'Total of Payments, opens its lines' });
  expect(sum.closest('li')?.textContent).toContain('16,026.50');
  await userEvent.click(sum);
  expect(await screen.findByRole('dialog', { name: 'Payments, available and pending, USD' })).toBeDefined();
  expect(fake.calls.at(-1)?.args).toMatchObject({ currency: 'usd', term: 'payments' });
});

test('what is owed is split by name, and the difference into explained and unexplained', () => {
  render(<CoverageParts view={coverageEurShort} />);
  expect(screen.getByText('2026-10 not funded yet')).toBeDefined();
  const unexplained = screen.getByText('Unexplained').closest('li');
  expect(unexplained?.textContent).toContain('minus 120.00');
});

test('a part that something can be done about leads there', async () => {
  render(<CoverageParts view={coverageEurShort} />);
  await userEvent.click(screen.getByRole('button', { name: '2026-10 not funded yet' }));
  expect(useNavigation.getState().place).toEqual({ screen: 'month-end', params: { period: '2026-10' } });
});
