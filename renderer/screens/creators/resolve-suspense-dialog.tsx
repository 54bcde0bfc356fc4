import { useState } from 'react';
import { Amount, KeyValue, RadioField, ReasonDialog, TextField } from '../../components';
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
  const toCreator = to === 'creator';
  const missing = toCreator && creatorId.trim() === '';
  const submit = async (reason: string) => {
    const result = await resolve.run({
      creatorId: kept.creatorId,
      currency: kept.currency,
      assignTo: toCreator ? creatorId.trim() : null,
      reason,
    });
    if (!result.ok) return;
    tell('The suspense is resolved', kept.creatorId);
    onClose();
  };
  return (
    <ReasonDialog
      title="Resolve suspense"
      label="Reason"
      hint="It goes into the audit log with your name."
      missing="Write why, in three letters or more."
      action={toCreator ? 'Give to 1 creator' : 'Take to revenue'}
      danger
      isComplete={!missing}
      isBusy={resolve.busy}
      error={resolve.error}
      onSubmit={submit}
      onClose={onClose}
    >
      {(asked) => (
        <>
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
          {toCreator && (
            <TextField
              label="Creator id"
              value={creatorId}
              onChange={setCreatorId}
              hint="As in the list of creators."
              {...(asked && missing ? { error: 'Enter the id of the creator.' } : {})}
            />
          )}
        </>
      )}
    </ReasonDialog>
  );
}
