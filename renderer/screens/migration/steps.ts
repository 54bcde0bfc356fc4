/** Where a migration stands, as steps of the wizard. Pure. */
import type { CheckView, MigrationState, MigrationView } from '../../../shared/contract';
import type { StepperStep, StepState } from '../../components';

export const wizardSteps = [
  'preflight',
  'obligations',
  'dry-run',
  'approve',
  'execute',
  'verify',
  'certificate',
] as const;
export type WizardStep = (typeof wizardSteps)[number];

export const wizardTitles: Readonly<Record<WizardStep, string>> = {
  preflight: 'Preflight',
  obligations: 'Obligations',
  'dry-run': 'Dry run',
  approve: 'Approve',
  execute: 'Execute',
  verify: 'Verify',
  certificate: 'Certificate',
};

/** The step on which the screen opens in each state. */
const openingSteps: Readonly<Record<MigrationState, WizardStep>> = {
  preflight: 'preflight',
  planned: 'dry-run',
  approved: 'execute',
  executing: 'execute',
  stopped: 'execute',
  verifying: 'verify',
  completed: 'certificate',
  'rolling-back': 'execute',
  'rolled-back': 'execute',
};

export function openingStep(view: MigrationView): WizardStep {
  return openingSteps[view.state];
}

/** The states of the seven steps, in their order. */
const stepStates: Readonly<Record<MigrationState, readonly StepState[]>> = {
  preflight: ['ready', 'ready', 'ready', 'waiting', 'waiting', 'waiting', 'waiting'],
  planned: ['done', 'done', 'done', 'ready', 'waiting', 'waiting', 'waiting'],
  approved: ['done', 'done', 'done', 'done', 'ready', 'waiting', 'waiting'],
  executing: ['done', 'done', 'done', 'done', 'running', 'waiting', 'waiting'],
  stopped: ['done', 'done', 'done', 'done', 'attention', 'waiting', 'waiting'],
  verifying: ['done', 'done', 'done', 'done', 'done', 'running', 'waiting'],
  completed: ['done', 'done', 'done', 'done', 'done', 'done', 'done'],
  'rolling-back': ['done', 'done', 'done', 'done', 'attention', 'waiting', 'waiting'],
  'rolled-back': ['ready', 'ready', 'ready', 'waiting', 'done', 'waiting', 'waiting'],
};

const executeDetails: Readonly<Partial<Record<MigrationState, string>>> = {
  stopped: 'stopped',
  'rolled-back': 'rolled back',
};

export function isBlocked(checks: readonly CheckView[] | undefined): boolean {
  return checks?.some((check) => check.outcome === 'blocker') ?? false;
}

/** The steps with their states; `checks` are those of the last preflight, if it was run. */
export function stepperSteps(view: MigrationView, checks: readonly CheckView[] | undefined): readonly StepperStep[] {
  const states = stepStates[view.state];
  return wizardSteps.map((id, index) => {
    const planned = states[index] ?? 'waiting';
    const state = id === 'preflight' && planned === 'ready' && checks !== undefined ? checked(checks) : planned;
    const detail = id === 'execute' ? executeDetails[view.state] : undefined;
    return { id, title: wizardTitles[id], state, ...(detail === undefined ? {} : { detail }) };
  });
}

function checked(checks: readonly CheckView[]): StepState {
  return isBlocked(checks) ? 'attention' : 'done';
}
