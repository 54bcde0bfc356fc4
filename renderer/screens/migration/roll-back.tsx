import type { MigrationView } from '../../../shared/contract';
import {
  Amount,
  amountsText,
  Banner,
  Button,
  ConfirmDialog,
  counted,
  Failure,
  type KeyValueItem,
  PlanHash,
  Skeleton,
  TypedConfirmDialog,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { useScreenParams } from '../../state/screen-params';
import { GuidedTasks } from '../month-end/guided-tasks';
import { StepPanel } from './step-panel';

interface RollBackProps {
  readonly view: MigrationView;
  readonly onView: (view: MigrationView) => void;
  readonly isDisabled?: boolean;
}

/** Returns to Payments exactly what this run moved. */
export function RollBack({ view, onView, isDisabled = false }: RollBackProps) {
  const rollback = useAction('migration.rollback');
  const [params, change] = useScreenParams();
  // "Roll back" in the banner of unfinished runs opens the question here.
  const asking = params.ask === 'roll-back';
  const setAsking = (open: boolean) => change({ ask: open ? 'roll-back' : undefined });
  const nothing = view.rollbackConfirmation === '';
  const run = async (typed: string) => {
    const done = await rollback.run({ typed });
    if (!done.ok) return;
    setAsking(false);
    onView(done.value);
  };
  const restatement: KeyValueItem[] = [
    { label: 'Period', value: view.period ?? '—', numeric: true },
    ...view.moved.map(({ currency, amount }) => ({
      label: 'Storage to Payments',
      value: <Amount value={amount} currency={currency} showCurrency />,
      numeric: true,
      strong: true,
    })),
    { label: 'Movements taken back', value: view.postedCount.toLocaleString('en'), numeric: true },
  ];
  const shared = {
    title: 'Roll back the migration',
    restatement,
    isBusy: rollback.busy,
    ...(rollback.error === undefined ? {} : { error: rollback.error }),
    onCancel: () => setAsking(false),
  };
  return (
    <>
      <Button
        isDisabled={isDisabled}
        onPress={() => {
          rollback.clear();
          setAsking(true);
        }}
      >
        Roll back…
      </Button>
      {nothing ? (
        <ConfirmDialog {...shared} isOpen={asking} action="Roll back" onConfirm={() => run('')}>
          <p>Nothing was moved, so nothing goes back; the migration ends here.</p>
        </ConfirmDialog>
      ) : (
        <TypedConfirmDialog
          {...shared}
          isOpen={asking}
          expected={view.rollbackConfirmation}
          action={`Roll back ${counted(view.postedCount, 'movement')}`}
          onConfirm={run}
        >
          <p>Afterwards creators’ money is mixed with the platform’s again. The plan and its approval lapse.</p>
        </TypedConfirmDialog>
      )}
    </>
  );
}

/** What the rollback waits for, and a way to look again. */
export function RollingBack({
  view,
  onView,
  onDryRun,
}: Pick<RollBackProps, 'view' | 'onView'> & { readonly onDryRun: () => void }) {
  const look = useAction('migration.rollback');
  const status = useQuery(
    'monthEnd.status',
    { period: view.period ?? '' },
    { enabled: view.period !== null, reloadOn: ['migration.changed', 'monthEnd.changed'] },
  );
  const releases = view.operations.filter((one) => one.kind === 'compensate');
  const ours = new Set(releases.map((one) => one.intentId));
  const tasks = status.value?.guided.filter((task) => ours.has(task.intentId)) ?? [];
  const again = async () => {
    const looked = await look.run({ typed: '' });
    if (looked.ok) onView(looked.value);
  };
  const busy = look.busy || view.running;
  const waiting = releases.filter((one) => one.status !== 'posted');
  return (
    <>
      <StepPanel
        title="Execute"
        purpose="Returns to Payments exactly what this migration moved."
        {...(view.plan === null ? {} : { actions: <PlanHash hash={view.plan.planHash} /> })}
        footer={
          <>
            {tasks.length === 0 && (
              <Button kind="primary" isBusy={busy} onPress={again}>
                Look again at Stripe
              </Button>
            )}
            <Button isDisabled={busy} onPress={onDryRun}>
              End the rollback and make a new dry run…
            </Button>
          </>
        }
      >
        <Banner tone="attention" title={`Rolling back: ${amountsText(waiting)} on the way back to Payments.`}>
          {tasks.length > 0
            ? 'The way back needs a person in the Stripe dashboard. The migration stays rolling back until Coffer sees it there.'
            : 'Coffer waits until Stripe shows the money in Payments. Looking again sends nothing twice.'}
        </Banner>
        {look.error !== undefined && tasks.length === 0 && <Failure failure={look.error} />}
        {status.error !== undefined && <Failure failure={status.error} onRetry={status.reload} />}
        {status.loading && view.period !== null && <Skeleton label="Loading what is waited for" height={90} />}
      </StepPanel>
      <GuidedTasks
        tasks={tasks}
        isBusy={busy}
        onLook={again}
        {...(look.error === undefined ? {} : { error: look.error })}
      />
    </>
  );
}
