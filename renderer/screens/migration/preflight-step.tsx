import type { CheckView } from '../../../shared/contract';
import { Button, Checklist, counted, EmptyState, Failure, Skeleton } from '../../components';
import type { Query } from '../../state/coffer';
import { ImportData } from '../balances/import-data';
import { StepPanel } from './step-panel';
import { isBlocked } from './steps';

interface PreflightStepProps {
  readonly checks: Query<CheckView[]>;
  readonly onContinue: () => void;
}

/** Everything that has to be right before money moves. Looks, and changes nothing. */
export function PreflightStep({ checks, onContinue }: PreflightStepProps) {
  const { value, error, loading, refreshing, reload } = checks;
  if (error?.code === 'no-data') {
    return (
      <StepPanel title="Preflight" purpose="Coffer separates what is owed to creators from what is the platform’s.">
        <EmptyState title="There is no data yet" actions={<ImportData />}>
          Import a folder with creators, subscribers, payments and allocations. From them Coffer works out what is owed
          and what has to move.
        </EmptyState>
      </StepPanel>
    );
  }
  const blocked = isBlocked(value);
  const asking = loading || refreshing;
  return (
    <StepPanel
      title="Preflight"
      purpose="Checks the connection, the balances and everything that could move money outside Coffer. Nothing moves."
      actions={<span className="muted">{value !== undefined && summary(value)}</span>}
      footer={
        <>
          <Button kind={blocked ? 'secondary' : 'primary'} isDisabled={value === undefined} onPress={onContinue}>
            Continue to Obligations
          </Button>
          <Button kind={blocked ? 'primary' : 'secondary'} isBusy={asking} onPress={reload}>
            Run the checks again
          </Button>
          {blocked && <span className="muted">Obligations and the dry run can be looked at; executing waits.</span>}
        </>
      }
    >
      {error !== undefined && <Failure failure={error} onRetry={reload} />}
      {loading && <Skeleton label="Running the checks" height={220} />}
      {value !== undefined && (
        <div className="framed" aria-live="polite" aria-busy={refreshing}>
          <Checklist checks={value} label="Checks before the migration" />
        </div>
      )}
    </StepPanel>
  );
}

function summary(checks: readonly CheckView[]): string {
  const of = (outcome: CheckView['outcome']) => checks.filter((check) => check.outcome === outcome).length;
  const blockers = of('blocker');
  const warnings = of('warning');
  if (blockers > 0) return `${counted(blockers, 'check')} ${blockers === 1 ? 'blocks' : 'block'}`;
  return warnings > 0 ? `Nothing blocks, ${counted(warnings, 'warning')}` : 'Nothing blocks';
}
