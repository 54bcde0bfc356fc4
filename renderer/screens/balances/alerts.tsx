import { useState } from 'react';
import type { AlertView } from '../../../shared/contract';
import { ALERT_KINDS, alertKindOf } from '../../../shared/domain/alert-kinds';
import { Button, Failure, instantText, Panel, ReasonDialog, ScreenLink, Skeleton, StatusPill } from '../../components';
import { useAction, useEvent, useQuery } from '../../state/coffer';
import { parsePlace, screenTitles } from '../../state/navigation';
import { tell } from '../../state/toasts';
import { slug } from '../guide/slug';
import { AlertHistory } from './alert-history';
import { severities } from './alert-words';
import './alerts.css';
import { SnoozeDialog } from './snooze-dialog';

/** Open alerts, worst first: what it is, what it means, what to do. */
export function Alerts() {
  const alerts = useQuery('alerts.list', { includeResolved: false });
  useEvent('alerts.changed', alerts.reload);
  const [resolving, setResolving] = useState<AlertView>();
  const [snoozing, setSnoozing] = useState<AlertView>();
  const [history, setHistory] = useState(false);
  const sorted = [...(alerts.value ?? [])].sort((a, b) => severities[a.severity].rank - severities[b.severity].rank);
  return (
    <Panel
      title="Alerts"
      flush
      actions={
        alerts.value !== undefined && (
          <>
            <span className="muted">{sorted.length === 0 ? 'None open' : `${sorted.length} open`}</span>
            <Button kind="quiet" onPress={() => setHistory(true)}>
              History
            </Button>
          </>
        )
      }
    >
      {alerts.error !== undefined && <Failure failure={alerts.error} onRetry={alerts.reload} />}
      {alerts.loading && <Skeleton label="Loading alerts" height={80} />}
      {alerts.value !== undefined && sorted.length === 0 && (
        <p className="alerts-none">Nothing needs attention. Coffer looks again at every reading.</p>
      )}
      <ul>
        {sorted.map((alert) => (
          <Alert
            key={alert.id}
            alert={alert}
            onSnooze={() => setSnoozing(alert)}
            onResolve={() => setResolving(alert)}
            onChanged={alerts.reload}
          />
        ))}
      </ul>
      {resolving !== undefined && (
        <ResolveDialog alert={resolving} onClose={() => setResolving(undefined)} onResolved={alerts.reload} />
      )}
      {snoozing !== undefined && (
        <SnoozeDialog alert={snoozing} onClose={() => setSnoozing(undefined)} onSnoozed={alerts.reload} />
      )}
      {history && <AlertHistory onClose={() => setHistory(false)} />}
    </Panel>
  );
}

interface AlertProps {
  readonly alert: AlertView;
  readonly onSnooze: () => void;
  readonly onResolve: () => void;
  readonly onChanged: () => void;
}

function Alert({ alert, onSnooze, onResolve, onChanged }: AlertProps) {
  const acknowledge = useAction('alerts.acknowledge');
  const place = parsePlace(alert.screen);
  const { tone, word } = severities[alert.severity];
  return (
    <li className="alert">
      <div className="alert-head">
        <StatusPill tone={tone}>{word}</StatusPill>
        <strong>{alert.title}</strong>
      </div>
      <p className="muted">{alert.meaning}</p>
      <p>
        {alert.action} <Explained condition={alert.condition} />
        {place !== undefined && place.screen !== 'balances' && (
          <>
            {' · '}
            <ScreenLink to={place.screen} params={place.params}>
              Open {screenTitles[place.screen]}
            </ScreenLink>
          </>
        )}
      </p>
      <p className="alert-when">
        Since {instantText(alert.raisedAt)}
        {alert.acknowledgedAt !== null &&
          ` · acknowledged by ${alert.acknowledgedBy ?? 'someone'} ${instantText(alert.acknowledgedAt)}`}
        {alert.snoozedUntil !== null &&
          Date.parse(alert.snoozedUntil) > Date.now() &&
          ` · put off until ${instantText(alert.snoozedUntil)}`}
      </p>
      {acknowledge.error !== undefined && <Failure failure={acknowledge.error} />}
      <div className="row">
        {alert.acknowledgedAt === null && (
          <Button
            isBusy={acknowledge.busy}
            onPress={async () => {
              const result = await acknowledge.run({ id: alert.id });
              if (result.ok) onChanged();
            }}
          >
            Acknowledge
          </Button>
        )}
        <Button onPress={onSnooze}>Snooze…</Button>
        <Button onPress={onResolve}>Resolve…</Button>
      </div>
    </li>
  );
}

/** Leads to what the guide says about this kind of alert. */
function Explained({ condition }: { readonly condition: string }) {
  const kind = alertKindOf(condition);
  if (kind === undefined) return null;
  return (
    <ScreenLink to="guide" params={{ doc: 'alerts', section: slug(ALERT_KINDS[kind]) }}>
      What this means
    </ScreenLink>
  );
}

interface ResolveDialogProps {
  readonly alert: AlertView;
  readonly onClose: () => void;
  readonly onResolved: () => void;
}

function ResolveDialog({ alert, onClose, onResolved }: ResolveDialogProps) {
  const resolve = useAction('alerts.resolve');
  const submit = async (note: string) => {
    const result = await resolve.run({ id: alert.id, note });
    if (!result.ok) return;
    tell('Alert resolved', alert.title);
    onResolved();
    onClose();
  };
  return (
    <ReasonDialog
      title="Resolve an alert"
      label="Note for the auditor"
      hint="What it was and why it is settled. The note goes into the audit log with your name. If the condition still holds at the next reading, the alert is opened again."
      missing="Write what it was and why it is settled."
      action="Resolve 1 alert"
      isBusy={resolve.busy}
      error={resolve.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        <strong>{alert.title}</strong>
      </p>
    </ReasonDialog>
  );
}
