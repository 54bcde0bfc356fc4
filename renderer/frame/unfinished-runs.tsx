import type { AmountIn, UnfinishedRun } from '../../shared/contract';
import { Banner, Button, Failure, instantText, spoken } from '../components';
import { call, useAction } from '../state/coffer';
import { useNavigation } from '../state/navigation';
import { useSession } from '../state/session';

/** A month end that has no payouts yet has moved nothing, and what remains is not known before the plan. */
function progressText({ kind, moved, remaining }: UnfinishedRun): string {
  if (kind === 'month-end' && moved.length === 0 && remaining.length === 0) return 'No creator has been paid yet.';
  return `Moved: ${amounts(moved)}. Remaining: ${amounts(remaining)}.`;
}

function amounts(list: readonly AmountIn[]): string {
  return list.length === 0 ? 'nothing' : list.map(({ currency, amount }) => spoken(amount, currency)).join(', ');
}

const screenOf = (run: UnfinishedRun) => (run.kind === 'migration' ? 'migration' : 'month-end');

/** Runs that work or were interrupted; on every screen but their own until they are settled. */
export function UnfinishedRuns() {
  const runs = useSession((session) => session.unfinished);
  const place = useNavigation((navigation) => navigation.place);
  const elsewhere = runs.filter((run) => screenOf(run) !== place.screen);
  if (elsewhere.length === 0) return null;
  return (
    <div className="stack">
      {elsewhere.map((run) => (
        <Unfinished key={run.id} run={run} />
      ))}
    </div>
  );
}

function Unfinished({ run }: { readonly run: UnfinishedRun }) {
  const resume = useAction('migration.execute');
  return (
    <>
      <Banner
        tone={run.running ? 'information' : 'attention'}
        title={run.title}
        actions={<RunActions run={run} busy={resume.busy} onResume={resume.run} />}
      >
        {run.detail} {progressText(run)} Since {instantText(run.since)}.
      </Banner>
      {resume.error !== undefined && <Failure failure={resume.error} />}
    </>
  );
}

interface RunActionsProps {
  readonly run: UnfinishedRun;
  readonly busy: boolean;
  readonly onResume: ReturnType<typeof useAction<'migration.execute'>>['run'];
}

/** A migration that was begun goes on at once, as approved; a month end goes on at its step, which asks for what it needs. */
function RunActions({ run, busy, onResume }: RunActionsProps) {
  const go = useNavigation((navigation) => navigation.go);
  const inspect = (params: Readonly<Record<string, string>> = {}) =>
    go(screenOf(run), { ...(run.period === null ? {} : { period: run.period }), ...params });
  if (run.running) return <Button onPress={() => inspect()}>Watch</Button>;
  const resume = async () => {
    if (run.kind === 'month-end') return inspect();
    const status = await call('migration.status');
    const planHash = status.ok ? status.value.plan?.planHash : undefined;
    if (planHash === undefined) return inspect();
    const resumed = await onResume({ planHash, typed: '' });
    if (resumed.ok) inspect();
  };
  return (
    <>
      {run.canResume && (
        <Button kind="primary" isBusy={busy} onPress={resume}>
          Resume
        </Button>
      )}
      <Button onPress={() => inspect()}>Inspect</Button>
      {run.canRollBack && <Button onPress={() => inspect({ ask: 'roll-back' })}>Roll back…</Button>}
    </>
  );
}
