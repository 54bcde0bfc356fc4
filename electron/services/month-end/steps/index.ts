/**
 * The nine steps of a month end. Each can be run again: what is done is not done twice. A step says what it found (`facts`), what
 * stops it (`blockers`) and what a person has to know (`warnings`). Source of the rules: docs/rules.md, "Month end".
 */

import type { MonthEndStep } from '../../../../shared/contract/month-end';
import { approve } from './approve';
import { close } from './close';
import { earnings } from './earnings';
import { fund } from './fund';
import { lapse } from './lapse';
import { lock } from './lock';
import { pay } from './pay';
import { preflight } from './preflight';
import { reconcileStep } from './reconcile';
import type { StepWork } from './step';

export { approvePlan } from './approve';
export { closeConfirmation, figuresToSign } from './close';
export { fundingAhead } from './fund';
export { lapsesAhead } from './lapse';
export { paidByNow, payTotals } from './pay';
export { preflightChecks } from './preflight';
export type { StepControl } from './step';

export const STEP_WORK: Readonly<Record<MonthEndStep, StepWork>> = {
  preflight,
  lock,
  earnings,
  lapse,
  fund,
  approve,
  pay,
  reconcile: reconcileStep,
  close,
};
