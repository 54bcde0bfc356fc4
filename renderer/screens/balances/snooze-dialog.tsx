import { useState } from 'react';
import type { AlertView } from '../../../shared/contract';
import { Button, Dialog, Failure, instantText, type Option, RadioField } from '../../components';
import { useAction } from '../../state/coffer';
import { tell } from '../../state/toasts';

type Choice = 'hour' | 'tomorrow' | 'week';

/** The times an alert can be put off to: in an hour, at nine tomorrow, in a week. */
export function snoozeTimes(now: Date): Readonly<Record<Choice, Date>> {
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  tomorrow.setHours(9, 0, 0, 0);
  // A minute less than a week: the clocks of page and main process are read one after the other.
  return {
    hour: new Date(now.getTime() + 3_600_000),
    tomorrow,
    week: new Date(now.getTime() + 7 * 86_400_000 - 60_000),
  };
}

interface SnoozeDialogProps {
  readonly alert: AlertView;
  readonly onClose: () => void;
  readonly onSnoozed: () => void;
}

export function SnoozeDialog({ alert, onClose, onSnoozed }: SnoozeDialogProps) {
  const snooze = useAction('alerts.snooze');
  const [choice, setChoice] = useState<Choice>('hour');
  const [times] = useState(() => snoozeTimes(new Date()));
  const options: readonly Option<Choice>[] = [
    { id: 'hour', label: 'For an hour', detail: instantText(times.hour.toISOString()) },
    { id: 'tomorrow', label: 'Until tomorrow morning', detail: instantText(times.tomorrow.toISOString()) },
    { id: 'week', label: 'For a week', detail: instantText(times.week.toISOString()) },
  ];
  const submit = async () => {
    const result = await snooze.run({ id: alert.id, until: times[choice].toISOString() });
    if (!result.ok) return;
    tell('Alert snoozed', `${alert.title}, until ${instantText(times[choice].toISOString())}`);
    onSnoozed();
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Snooze an alert"
      cancel={<Button onPress={onClose}>Cancel</Button>}
      action={
        <Button kind="primary" isBusy={snooze.busy} onPress={submit}>
          Snooze 1 alert
        </Button>
      }
    >
      <p>
        <strong>{alert.title}</strong>
      </p>
      <RadioField label="Put it off" value={choice} onChange={setChoice} options={options} />
      <p className="muted">
        {alert.severity === 'critical'
          ? 'It stays in the list and still counts: it is critical. The desktop is told again at that time.'
          : 'It stays in the list and does not count until then.'}
      </p>
      {snooze.error !== undefined && <Failure failure={snooze.error} />}
    </Dialog>
  );
}
