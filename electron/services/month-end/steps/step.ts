/** What every step of a month end is given and gives back, and the words they share. */

import { amountText } from '../../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../../shared/money/money';
import type { SendControl } from '../../../journal/movement';
import type { Queries } from '../../../store/store';
import type { ServiceContext } from '../../context';
import type { MonthEndRun, StepOutcome } from '../run';

export interface StepControl extends SendControl {
  /** Longest time to wait for Stripe to settle a step's movements. */
  readonly patienceMs: number;
  /** A step that would have to move money stops instead: nobody is there. */
  readonly moveNothing: boolean;
  readonly onProgress: (label: string, done: number, total: number) => void;
  readonly startedAt: Date;
  /** Writes the step's result in the transaction that makes it done, so that its warnings are never lost. */
  readonly save: (tx: Queries, outcome: StepOutcome) => Promise<void>;
}

export type StepWork = (
  context: ServiceContext,
  run: MonthEndRun,
  control: StepControl,
  typed: string | null,
) => Promise<StepOutcome>;

export const NOTHING: StepOutcome = { facts: [], blockers: [], warnings: [] };

export function spoken(amount: bigint, code: string): string {
  return `${amountText(amount, toCurrency(code))}`;
}
