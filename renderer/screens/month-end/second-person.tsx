import type { ApprovalKind } from '../../../shared/contract';
import { amountsText, Banner, Button, Failure, instantText } from '../../components';
import { useAction, useQuery } from '../../state/coffer';

interface SecondPersonProps {
  readonly kind: ApprovalKind;
  readonly period: string;
  /** Which withdrawal. */
  readonly id?: string;
}

/** Above the limit: ask the second person by file, and take their approval in. Shown once the plan is approved here. */
export function SecondPerson(plan: SecondPersonProps) {
  const status = useQuery('approval.status', plan, {
    reloadOn: ['monthEnd.changed', 'migration.changed', 'data.changed'],
  });
  const request = useAction('approval.request');
  const accept = useAction('approval.accept');
  if (status.value === undefined || status.value.above.length === 0) return null;
  const { above, approvedBy, approvedAt, expiresAt } = status.value;
  if (approvedBy !== null) {
    return (
      <Banner tone="good" title={`${approvedBy} approved this plan too`}>
        {approvedAt === null ? '' : `Taken in ${instantText(approvedAt)}. `}
        {expiresAt === null ? '' : `It holds until ${instantText(expiresAt)}, and lapses when the plan changes.`}
      </Banner>
    );
  }
  const failure = request.error ?? accept.error;
  return (
    <div className="stack">
      <Banner tone="attention" title="A second person has to approve">
        {amountsText(above)} is above the limit that one person may pay. Save the request, have it signed on another
        computer (Settings → Operator → Open a request), and take the approval in.
      </Banner>
      <div className="row">
        <Button isBusy={request.busy} onPress={() => request.run(plan)}>
          Save the request
        </Button>
        <Button
          kind="primary"
          isBusy={accept.busy}
          onPress={async () => {
            const result = await accept.run(plan);
            if (result.ok && result.value !== null) status.set(result.value);
          }}
        >
          Take the approval in
        </Button>
      </div>
      {failure !== undefined && <Failure failure={failure} />}
    </div>
  );
}
