import { useState } from 'react';
import { Button, Dialog, Failure, KeyValue, TextField } from '../../components';
import { useAction } from '../../state/coffer';
import { listsChanged } from '../../state/session';
import { tell } from '../../state/toasts';

interface HoldDialogProps {
  readonly kind: 'hold' | 'release';
  readonly creatorId: string;
  readonly displayName: string;
  /** The hold in place, when it is to be released. */
  readonly holdReason?: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const words = {
  hold: {
    title: 'Hold a creator',
    action: 'Hold 1 creator',
    done: 'The creator is on hold',
    label: 'Reason for the hold',
    missing: 'Write why the creator is not paid, in three letters or more.',
    meaning:
      'What is owed stays in Storage and is carried from month to month until the hold is released. A payout that is on its way is not stopped.',
  },
  release: {
    title: 'Release a hold',
    action: 'Release 1 hold',
    done: 'The hold is released',
    label: 'Reason for the release',
    missing: 'Write why the creator may be paid again, in three letters or more.',
    meaning: 'What is owed is paid with the next payout plan.',
  },
} as const;

/** Holds a creator or releases the hold; both need a reason, which goes into the audit log. */
export function HoldDialog({ kind, creatorId, displayName, holdReason, onClose, onDone }: HoldDialogProps) {
  const hold = useAction('payouts.hold');
  const release = useAction('payouts.releaseHold');
  const { busy, error, run } = kind === 'hold' ? hold : release;
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const text = words[kind];
  const tooShort = reason.trim().length < 3;
  const submit = async () => {
    setAsked(true);
    if (tooShort) return;
    const result = await run({ creatorId, reason: reason.trim() });
    if (!result.ok) return;
    tell(text.done, displayName);
    listsChanged();
    onDone();
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={text.title}
      cancel={<Button onPress={onClose}>Cancel</Button>}
      action={
        <Button kind="primary" isBusy={busy} onPress={submit}>
          {text.action}
        </Button>
      }
    >
      <KeyValue
        items={[
          { label: 'Creator', value: `${displayName} (${creatorId})` },
          ...(holdReason === undefined ? [] : [{ label: 'Hold in place', value: holdReason }]),
        ]}
      />
      <p className="muted">{text.meaning}</p>
      <TextField
        label={text.label}
        hint="It goes into the audit log with your name."
        value={reason}
        onChange={setReason}
        rows={3}
        maxLength={200}
        autoFocus
        {...(asked && tooShort ? { error: text.missing } : {})}
      />
      {error !== undefined && <Failure failure={error} />}
    </Dialog>
  );
}
