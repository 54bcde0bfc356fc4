import { useState } from 'react';
import { Amount, Button, Dialog, Failure, KeyValue, RadioField, TextField } from '../../components';
import { useAction } from '../../state/coffer';
import { tell } from '../../state/toasts';

export interface KeptAmount {
  readonly creatorId: string;
  readonly currency: string;
  readonly amount: string;
}

/** Gives what is kept in suspense to a known creator, or to revenue; either way with a reason. */
export function ResolveSuspenseDialog({ kept, onClose }: { readonly kept: KeptAmount; readonly onClose: () => void }) {
  const resolve = useAction('creators.resolveSuspense');
  const [to, setTo] = useState<'creator' | 'revenue'>('creator');
  const [creatorId, setCreatorId] = useState('');
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const missing = { creator: to === 'creator' && creatorId.trim() === '', reason: reason.trim().length < 3 };
  const submit = async () => {
    setAsked(true);
    if (missing.creator || missing.reason) return;
    const result = await resolve.run({
      creatorId: kept.creatorId,
      currency: kept.currency,
      assignTo: to === 'creator' ? creatorId.trim() : null,
      reason: reason.trim(),
    });
    if (!result.ok) return;
    tell('The suspense is resolved', kept.creatorId);
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Resolve suspense"
      cancel={<Button onPress={onClose}>Cancel</Button>}
      action={
        <Button kind="primary" isBusy={resolve.busy} onPress={submit}>
          {to === 'creator' ? 'Give to the creator' : 'Take to revenue'}
        </Button>
      }
    >
      <KeyValue
        items={[
          { label: 'Allocated to', value: kept.creatorId },
          { label: 'Kept in Storage', value: <Amount value={kept.amount} currency={kept.currency} showCurrency /> },
        ]}
      />
      <RadioField
        label="Whose is it?"
        value={to}
        onChange={(id) => setTo(id === 'revenue' ? 'revenue' : 'creator')}
        options={[
          { id: 'creator', label: 'A creator', detail: 'Owed to them less the fee, and paid with the open month.' },
          {
            id: 'revenue',
            label: 'Nobody can claim it',
            detail: 'It becomes revenue and leaves Storage with the surplus of the open month.',
          },
        ]}
      />
      {to === 'creator' && (
        <TextField
          label="Creator id"
          value={creatorId}
          onChange={setCreatorId}
          hint="As in the list of creators."
          {...(asked && missing.creator ? { error: 'Enter the id of the creator.' } : {})}
        />
      )}
      <TextField
        label="Reason"
        hint="It goes into the audit log with your name."
        value={reason}
        onChange={setReason}
        rows={3}
        {...(asked && missing.reason ? { error: 'Write why, in three letters or more.' } : {})}
      />
      {resolve.error !== undefined && <Failure failure={resolve.error} />}
    </Dialog>
  );
}
