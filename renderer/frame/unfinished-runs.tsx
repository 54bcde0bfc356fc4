import type { AmountIn, UnfinishedRun } from '../../shared/contract';
import { Banner, Button, instantText, spoken } from '../components';
import { useNavigation } from '../state/navigation';
import { useSession } from '../state/session';

function amounts(list: readonly AmountIn[]): string {
  return list.length === 0 ? 'nothing' : list.map(({ currency, amount }) => spoken(amount, currency)).join(', ');
}

/** Runs that were interrupted and wait for a person; on every screen until they are settled. */
export function UnfinishedRuns() {
  const runs = useSession((session) => session.unfinished);
  const place = useNavigation((navigation) => navigation.place);
  const go = useNavigation((navigation) => navigation.go);
  const screenOf = (run: UnfinishedRun) => (run.kind === 'migration' ? 'migration' : 'month-end');
  const elsewhere = runs.filter((run) => screenOf(run) !== place.screen);
  if (elsewhere.length === 0) return null;
  return (
    <div className="stack">
      {elsewhere.map((run) => (
        <Banner
          key={run.id}
          tone="attention"
          title={`${run.title}: ${run.state}`}
          actions={
            <Button kind="primary" onPress={() => go(screenOf(run), run.period === null ? {} : { period: run.period })}>
              {run.canResume ? 'Resume' : 'Inspect'}
            </Button>
          }
        >
          {run.detail} Moved: {amounts(run.moved)}. Remaining: {amounts(run.remaining)}. Since {instantText(run.since)}.
        </Banner>
      ))}
    </div>
  );
}
