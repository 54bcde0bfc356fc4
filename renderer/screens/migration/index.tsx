import { useEffect, useRef, useState } from 'react';
import type { MigrationView } from '../../../shared/contract';
import { Failure, PageHeader, Skeleton, Stepper } from '../../components';
import { useEvent, useQuery } from '../../state/coffer';
import { screenTitles } from '../../state/navigation';
import { useScreenParams } from '../../state/screen-params';
import { ApproveStep } from './approve-step';
import { CertificateStep } from './certificate-step';
import { DryRunStep } from './dry-run-step';
import { ExecuteStep } from './execute-step';
import './migration.css';
import { ObligationsStep } from './obligations-step';
import { PreflightStep } from './preflight-step';
import { openingStep, stepperSteps, type WizardStep, wizardSteps, wizardTitles } from './steps';
import { VerifyStep } from './verify-step';

/** The wizard from one mixed balance to two. */
export default function MigrationScreen() {
  const status = useQuery('migration.status', undefined, { reloadOn: ['data.changed'] });
  useEvent('migration.changed', status.set);
  return (
    <>
      <PageHeader
        title={screenTitles.migration}
        subtitle="From one mixed balance to two: what is owed to creators goes to Storage, with proof for every movement."
      />
      {status.error !== undefined && <Failure failure={status.error} onRetry={status.reload} />}
      {status.loading && <Skeleton label="Loading the migration" height={420} />}
      {status.value !== undefined && <Wizard view={status.value} onView={status.set} onReload={status.reload} />}
    </>
  );
}

interface WizardProps {
  readonly view: MigrationView;
  readonly onView: (view: MigrationView) => void;
  readonly onReload: () => void;
}

function Wizard({ view, onView, onReload }: WizardProps) {
  const { step, show, select } = useStep(view);
  const region = useFocusOnStep(step.shown, step.moved);
  const checks = useQuery('migration.preflight', undefined, {
    enabled: step.shown === 'preflight',
    reloadOn: ['data.changed'],
  });
  return (
    <>
      <div className="wizard-stepper">
        <Stepper
          label="Steps of the migration"
          steps={stepperSteps(view, checks.value)}
          current={step.shown}
          onSelect={(id) => {
            const chosen = wizardSteps.find((one) => one === id);
            if (chosen !== undefined) select(chosen);
          }}
        />
      </div>
      <section ref={region} tabIndex={-1} className="wizard-body" aria-label={`Step ${wizardTitles[step.shown]}`}>
        {step.shown === 'preflight' && <PreflightStep checks={checks} onContinue={() => show('obligations')} />}
        {step.shown === 'obligations' && <ObligationsStep onContinue={() => show('dry-run')} />}
        {step.shown === 'dry-run' && <DryRunStep view={view} onView={onView} onContinue={() => show('approve')} />}
        {step.shown === 'approve' && (
          <ApproveStep view={view} onView={onView} onReload={onReload} onShowPlan={() => show('dry-run')} />
        )}
        {step.shown === 'execute' && (
          <ExecuteStep
            view={view}
            onView={onView}
            onReload={onReload}
            onDryRun={() => show('dry-run')}
            onCertificate={() => show('certificate')}
          />
        )}
        {step.shown === 'verify' && (
          <VerifyStep view={view} onExecute={() => show('execute')} onCertificate={() => show('certificate')} />
        )}
        {step.shown === 'certificate' && <CertificateStep issued={view.hasCertificate} />}
      </section>
    </>
  );
}

interface Shown {
  readonly shown: WizardStep;
  readonly state: MigrationView['state'];
  /** Grows when the wizard went to a step by itself or by a button inside it, so that the focus follows. */
  readonly moved: number;
}

/** The step that is shown: the one chosen, until the migration's state changes and the wizard goes where the work is. */
function useStep(view: MigrationView) {
  const [params] = useScreenParams();
  const asked = wizardSteps.find((one) => one === params.step);
  const [step, setStep] = useState<Shown>({ shown: asked ?? openingStep(view), state: view.state, moved: 0 });
  if (step.state !== view.state) {
    const next = openingStep(view);
    setStep({ shown: next, state: view.state, moved: step.moved + (next === step.shown ? 0 : 1) });
  }
  return {
    step,
    /** Goes to a step from inside the wizard. */
    show: (shown: WizardStep) => setStep((before) => ({ ...before, shown, moved: before.moved + 1 })),
    /** Chosen in the stepper, where the focus stays. */
    select: (shown: WizardStep) => setStep((before) => ({ ...before, shown })),
  };
}

function useFocusOnStep(shown: WizardStep, moved: number) {
  const region = useRef<HTMLElement>(null);
  const seen = useRef(moved);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the region of the step that is shown now
  useEffect(() => {
    if (seen.current === moved) return;
    seen.current = moved;
    region.current?.focus({ preventScroll: true });
    document.getElementById('screen')?.scrollTo(0, 0);
  }, [moved, shown]);
  return region;
}
