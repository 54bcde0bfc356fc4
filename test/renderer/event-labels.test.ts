import { expect, test } from 'vitest';
import { eventLabels } from '../../renderer/screens/balances/balance-charts';
import type { BalanceEvent } from '../../shared/contract';

const DAY = 86_400_000;

test('events of one day share a label, a funding gives way, and what is far apart keeps its own', () => {
  const event = (day: number, kind: BalanceEvent['kind'], label: string): BalanceEvent => ({
    at: new Date(Date.UTC(2026, 9, day, 12)).toISOString(),
    kind,
    label,
  });
  const events = [
    event(1, 'funding', 'Funded'),
    event(1, 'migration', 'Migration'),
    event(1, 'month-end', '2026-09 closed'),
    event(20, 'funding', 'Funded'),
  ];
  expect([...eventLabels(events, 30 * DAY).values()]).toEqual(['Migration, 2026-09 closed', 'Funded']);
});
