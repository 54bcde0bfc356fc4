import { useState } from 'react';
import { Button, Failure, Panel, TextField } from '../../components';
import { useAction } from '../../state/coffer';
import { useSession } from '../../state/session';
import { tell } from '../../state/toasts';

/** The name that approvals and the audit log carry. */
export function Operator() {
  const operator = useSession((session) => session.info?.operator ?? '');
  const load = useSession((session) => session.load);
  const set = useAction('app.setOperator');
  const [typed, setTyped] = useState<string>();
  const [asked, setAsked] = useState(false);
  const name = typed ?? operator;
  const empty = name.trim() === '';
  const submit = async () => {
    setAsked(true);
    if (empty) return;
    const result = await set.run({ name: name.trim() });
    if (!result.ok) return;
    setTyped(undefined);
    setAsked(false);
    tell('Operator saved', name.trim());
    await load();
  };
  return (
    <Panel title="Who works here">
      <form
        className="stack settings-narrow"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setTyped}
          maxLength={80}
          hint="Stands beside every approval and every event of the audit log from now on. Earlier events keep the name they have."
          {...(asked && empty ? { error: 'Write a name: approvals need one.' } : {})}
        />
        <p className="muted">
          Coffer cannot check who sits at this computer. The role and the lock below guard against mistakes; two people
          are proved by two computers only.
        </p>
        {set.error !== undefined && <Failure failure={set.error} />}
        <div>
          <Button type="submit" kind="primary" isBusy={set.busy} isDisabled={name.trim() === operator}>
            Save the name
          </Button>
        </div>
      </form>
    </Panel>
  );
}
