import { useState } from 'react';
import type { AlertView } from '../../../shared/contract';
import { Button, Drawer, Failure, instantText, Skeleton, StatusPill } from '../../components';
import { useQuery } from '../../state/coffer';
import { actionWords, severities } from './alert-words';

/** Every alert that was, open ones first, each with who did what and when. */
export function AlertHistory({ onClose }: { readonly onClose: () => void }) {
  const alerts = useQuery('alerts.list', { includeResolved: true });
  return (
    <Drawer isOpen onClose={onClose} title="History of alerts" width={720}>
      {alerts.error !== undefined && <Failure failure={alerts.error} onRetry={alerts.reload} />}
      {alerts.loading && <Skeleton label="Loading the history" height={160} />}
      {alerts.value?.length === 0 && <p className="muted">No alert was ever raised in these books.</p>}
      <ul>
        {alerts.value?.map((alert) => (
          <PastAlert key={alert.id} alert={alert} />
        ))}
      </ul>
    </Drawer>
  );
}

function PastAlert({ alert }: { readonly alert: AlertView }) {
  const [open, setOpen] = useState(false);
  const { tone, word } = severities[alert.severity];
  return (
    <li className="alert">
      <div className="alert-head">
        <StatusPill tone={alert.resolvedAt === null ? tone : 'neutral'}>{word}</StatusPill>
        <strong>{alert.title}</strong>
      </div>
      <p className="alert-when">
        {instantText(alert.raisedAt)} to {alert.resolvedAt === null ? 'now' : instantText(alert.resolvedAt)}
        {alert.note !== null && ` · ${alert.note}`}
      </p>
      <div className="row">
        <Button kind="quiet" onPress={() => setOpen(!open)}>
          {open ? 'Hide what happened' : 'What happened'}
        </Button>
      </div>
      {open && <Events alert={alert} />}
    </li>
  );
}

function Events({ alert }: { readonly alert: AlertView }) {
  const events = useQuery('alerts.history', { id: alert.id });
  if (events.error !== undefined) return <Failure failure={events.error} onRetry={events.reload} />;
  if (events.value === undefined) return <Skeleton label="Loading what happened" height={60} />;
  return (
    <ol className="alert-events" aria-label={`What happened to: ${alert.title}`}>
      {events.value.map((event, index) => (
        // Events are never changed or taken out: their place is their identity.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <li key={index}>
          <span className="muted">{instantText(event.at)}</span>
          <span>
            <strong>{actionWords[event.action]}</strong>
            {event.actor !== 'coffer' && ` by ${event.actor}`}
            {event.note !== '' && event.action !== 'notified' && `: ${event.note}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
