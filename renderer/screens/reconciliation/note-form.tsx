import { useState } from 'react';
import type { ExceptionDetail } from '../../../shared/contract';
import { Button, Failure, TextField } from '../../components';
import { useAction } from '../../state/coffer';
import { listsChanged } from '../../state/session';

interface NoteFormProps {
  readonly detail: ExceptionDetail;
  readonly onChanged: (detail: ExceptionDetail) => void;
}

/** A working note for colleagues, kept until the exception is resolved; every version stays in the audit log. */
export function NoteForm({ detail, onChanged }: NoteFormProps) {
  const note = useAction('reconciliation.note');
  const kept = detail.line.note ?? '';
  const [text, setText] = useState(kept);
  const submit = async () => {
    const result = await note.run({ lineId: detail.line.lineId, note: text.trim() });
    if (!result.ok) return;
    onChanged(result.value);
    listsChanged();
  };
  return (
    <form
      className="explain"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <TextField
        label="Note"
        hint="For whoever works on it; it explains nothing yet."
        value={text}
        onChange={setText}
        rows={2}
        maxLength={500}
      />
      {note.error !== undefined && <Failure failure={note.error} />}
      <div className="row">
        <Button type="submit" isBusy={note.busy} isDisabled={text.trim() === kept}>
          Save the note
        </Button>
      </div>
    </form>
  );
}
