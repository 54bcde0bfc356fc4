import { useEffect, useRef, useState } from 'react';
import type { FailureView, MonthEndStep, MonthEndView, PeriodRow } from '../../../shared/contract';
import { EmptyState, Failure, PageHeader, Panel, PeriodSelect, Skeleton, Stepper } from '../../components';
import { useAction, useEvent, useQuery } from '../../state/coffer';
import { screenTitles, useNavigation } from '../../state/navigation';
import { ImportData } from '../balances/import-data';
import { GuidedTasks } from './guided-tasks';
import './month-end.css';
import { Reopened, StepStage } from './step-stage';
import { currentStep, periodToOpen, stepperSteps } from './steps';

/** The checklist of a month: nine steps from the checks to the signed figures. */
export default function MonthEndScreen() {
  const periods = useQuery('monthEnd.periods', undefined, { reloadOn: ['data.changed', 'monthEnd.changed'] });
  const place = useNavigation((navigation) => navigation.place);
  const setParams = useNavigation((navigation) => navigation.setParams);
  const rows = periods.value ?? [];
  const asked = place.screen === 'month-end' ? place.params.period : undefined;
  const [chosen, setChosen] = useState<string>();
  const wanted = asked ?? chosen;
  const period = rows.some((row) => row.period === wanted) ? wanted : periodToOpen(rows);
  // A month that is closed stays on the screen until the person goes to another.
  useEffect(() => {
    if (chosen === undefined && period !== undefined) setChosen(period);
  }, [chosen, period]);
  const choose = (next: string) => {
    setChosen(next);
    if (asked !== undefined) setParams({ period: next });
  };
  const next = periodToOpen(rows);
  return (
    <>
      <PageHeader
        title={screenTitles['month-end']}
        subtitle="Nine steps from the checks to the signed figures. Each can be run again; nothing is done twice."
        filters={<PeriodSelect periods={rows} period={period} onChoose={choose} />}
      />
      {periods.error !== undefined && <Failure failure={periods.error} onRetry={periods.reload} />}
      {periods.loading && <Loading />}
      {periods.value !== undefined && period === undefined && <NoData />}
      {period !== undefined && (
        <MonthEnd
          key={period}
          period={period}
          row={rows.find((one) => one.period === period)}
          nextPeriod={next !== undefined && next > period ? next : undefined}
          onPeriod={choose}
        />
      )}
    </>
  );
}

function NoData() {
  return (
    <Panel>
      <EmptyState title="There is no month yet" actions={<ImportData />}>
        Import a folder with creators, subscribers, payments and allocations. Its month then appears here with its
        steps.
      </EmptyState>
    </Panel>
  );
}

function Loading() {
  return (
    <div className="month-end-grid">
      <Skeleton label="Loading the steps" height={500} />
      <Skeleton label="Loading the step" height={320} />
    </div>
  );
}

interface MonthEndProps {
  readonly period: string;
  readonly row: PeriodRow | undefined;
  /** The month to go on to once this one is closed. */
  readonly nextPeriod: string | undefined;
  readonly onPeriod: (period: string) => void;
}

function MonthEnd({ period, ...rest }: MonthEndProps) {
  const status = useQuery('monthEnd.status', { period });
  useEvent('monthEnd.changed', (view) => {
    if (view.period === period) status.set(view);
  });
  const { value, error, loading, reload } = status;
  return (
    <>
      {error !== undefined && <Failure failure={error} onRetry={reload} />}
      {loading && <Loading />}
      {value !== undefined && <Steps view={value} {...rest} onView={status.set} onReload={reload} />}
    </>
  );
}

interface StepsProps extends Omit<MonthEndProps, 'period'> {
  readonly view: MonthEndView;
  readonly onView: (view: MonthEndView) => void;
  readonly onReload: () => void;
}

interface StepError {
  readonly step: MonthEndStep;
  readonly error: FailureView;
}

function Steps({ view, row, nextPeriod, onPeriod, onView, onReload }: StepsProps) {
  const { period } = view;
  const run = useAction('monthEnd.run');
  const look = useAction('monthEnd.checkGuided');
  const [started, setStarted] = useState<MonthEndStep>();
  const [failed, setFailed] = useState<StepError>();
  // The step chosen by a person, or the one that was just run, so that its result is read; else where the work stands.
  const [chosen, setChosen] = useState<MonthEndStep>();
  const [moved, setMoved] = useState(0);
  const current = currentStep(view);
  const shown = chosen ?? current;
  const step = view.steps.find((one) => one.step === shown) ?? view.steps[0];
  const running = started ?? view.steps.find((one) => one.state === 'running')?.step;
  const busy = running !== undefined || view.running;
  const region = useFocusOn(moved);

  const runStep = async (name: MonthEndStep, typed?: string): Promise<boolean> => {
    if (busy) return false;
    setStarted(name);
    setFailed(undefined);
    setChosen(name);
    const result = await run.run({ period, step: name, ...(typed === undefined ? {} : { typed }) });
    setStarted(undefined);
    if (result.ok) {
      onView(result.value);
      return true;
    }
    setFailed({ step: name, error: result.error });
    // A plan that changed takes the month back to Approve; go where the work is and say why.
    if (result.error.code === 'plan-changed') setChosen(undefined);
    onReload();
    return false;
  };
  const lookForGuided = async () => {
    const looked = await look.run({ period });
    if (!looked.ok) return;
    onView(looked.value);
    await runStep(currentStep(looked.value));
  };
  const show = (name: MonthEndStep) => {
    setChosen(name);
    setMoved((before) => before + 1);
  };

  if (step === undefined) return null;
  const elsewhere = failed !== undefined && failed.step !== step.step ? failed : undefined;
  return (
    <>
      <Reopened view={view} />
      {elsewhere !== undefined && <Failure failure={elsewhere.error} />}
      <div className="month-end-grid">
        <div className="month-end-steps">
          <Stepper
            label={`Steps of ${period}`}
            orientation="vertical"
            steps={stepperSteps(view, running)}
            current={step.step}
            onSelect={(id) => setChosen(view.steps.find((one) => one.step === id)?.step)}
          />
        </div>
        <section ref={region} tabIndex={-1} className="month-end-main" aria-label={`Step ${step.title}`}>
          <StepStage
            key={step.step}
            view={view}
            row={row}
            nextPeriod={nextPeriod}
            onPeriod={onPeriod}
            step={step}
            running={running === step.step}
            busy={busy}
            error={failed?.step === step.step ? failed.error : undefined}
            onRun={(typed) => runStep(step.step, typed)}
            onView={onView}
            onShow={show}
          />
          {(step.step === 'lapse' || step.step === 'fund' || step.step === current) && (
            <GuidedTasks
              tasks={view.guided}
              isBusy={busy || look.busy}
              onLook={lookForGuided}
              {...(look.error === undefined ? {} : { error: look.error })}
            />
          )}
        </section>
      </div>
    </>
  );
}

/** Moves the focus to the step's region when a button inside it went on to another step. */
function useFocusOn(moved: number) {
  const region = useRef<HTMLElement>(null);
  useEffect(() => {
    if (moved === 0) return;
    region.current?.focus({ preventScroll: true });
    document.getElementById('screen')?.scrollTo(0, 0);
  }, [moved]);
  return region;
}
