import { useState } from 'react';
import { Button, counted, Dialog, Failure, RadioField, TextField } from '../../components';
import { useAction } from '../../state/coffer';
import { tell } from '../../state/toasts';

/** Ids and e-mail addresses, whatever stands between them, each once. */
export function namedCreators(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((name) => name !== ''))];
}

/** Every calculated month of everyone, or of the creators that are named, in one file. */
export function SaveEarningsDialog({ onClose }: { readonly onClose: () => void }) {
  const save = useAction('creators.saveEarnings');
  const [who, setWho] = useState<'all' | 'named'>('all');
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState(false);
  const creators = who === 'all' ? [] : namedCreators(typed);
  const missing = who === 'named' && creators.length === 0;
  const submit = async () => {
    setAsked(true);
    if (missing) return;
    const result = await save.run({ creators: [...creators] });
    if (!result.ok || result.value === null) return;
    const { path, rows } = result.value;
    tell('Statements saved', `${counted(result.value.creators, 'creator')}, ${counted(rows, 'row')}: ${path}`);
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Save statements as CSV"
      cancel={<Button onPress={onClose}>Cancel</Button>}
      action={
        <Button kind="primary" isBusy={save.busy} onPress={submit}>
          {who === 'all' || creators.length === 0
            ? 'Save the statements'
            : `Save ${counted(creators.length, 'statement')}`}
        </Button>
      }
    >
      <RadioField
        label="Whose"
        value={who}
        onChange={setWho}
        options={[
          { id: 'all', label: 'Everyone', detail: 'One row for each creator, calculated month and currency' },
          { id: 'named', label: 'These creators' },
        ]}
      />
      {who === 'named' && (
        <TextField
          label="Ids or e-mail addresses"
          hint="One on each line, or with commas between them."
          rows={5}
          maxLength={100_000}
          value={typed}
          onChange={setTyped}
          {...(asked && missing ? { error: 'Write at least one id or e-mail address.' } : {})}
        />
      )}
      {save.error !== undefined && <Failure failure={save.error} />}
    </Dialog>
  );
}
