import { KeyValue, ReasonDialog } from '../../components';
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
  const text = words[kind];
  const submit = async (reason: string) => {
    const result = await run({ creatorId, reason });
    if (!result.ok) return;
    tell(text.done, displayName);
    listsChanged();
    onDone();
    onClose();
  };
  return (
    <ReasonDialog
      title={text.title}
      label={text.label}
      hint="It goes into the audit log with your name."
      missing={text.missing}
      maxLength={200}
      action={text.action}
      isBusy={busy}
      error={error}
      onSubmit={submit}
      onClose={onClose}
    >
      <KeyValue
        items={[
          { label: 'Creator', value: `${displayName} (${creatorId})` },
          ...(holdReason === undefined ? [] : [{ label: 'Hold in place', value: holdReason }]),
        ]}
      />
      <p className="muted">{text.meaning}</p>
    </ReasonDialog>
  );
}
