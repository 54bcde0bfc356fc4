import { LockKeyhole } from 'lucide-react';
import { useState } from 'react';
import { Button, Dialog, Failure, TextField } from '../components';
import { useAction } from '../state/coffer';
import { useLock } from '../state/lock';
import { tell } from '../state/toasts';
import './welcome.css';

interface Unlocking {
  readonly passphrase: string;
  readonly setPassphrase: (text: string) => void;
  readonly submit: () => Promise<boolean>;
  readonly action: ReturnType<typeof useAction<'lock.unlock'>>;
}

function useUnlock(): Unlocking {
  const action = useAction('lock.unlock');
  const [passphrase, setPassphrase] = useState('');
  return {
    passphrase,
    setPassphrase,
    action,
    submit: async () => {
      if (passphrase === '') return false;
      const result = await action.run({ passphrase });
      setPassphrase('');
      if (result.ok) useLock.setState({ view: result.value, asking: false });
      return result.ok;
    },
  };
}

/** Stands in the place of everything while the app is locked: no figure is on the screen. */
export function LockScreen() {
  const { passphrase, setPassphrase, submit, action } = useUnlock();
  return (
    <main className="first-run">
      <header>
        <h1>
          <LockKeyhole size={22} aria-hidden /> Coffer is locked
        </h1>
        <p className="first-run-lead">What was under way goes on. Give the passphrase to see it.</p>
      </header>
      <form
        className="stack settings-narrow"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextField
          label="Passphrase"
          type="password"
          value={passphrase}
          onChange={setPassphrase}
          maxLength={200}
          autoFocus
        />
        {action.error !== undefined && <Failure failure={action.error} />}
        <div>
          <Button type="submit" kind="primary" isBusy={action.busy} isDisabled={passphrase === ''}>
            Unlock
          </Button>
        </div>
      </form>
    </main>
  );
}

/** Live money is moved only within a minute of the passphrase; what was refused is then done again by the person. */
export function AuthenticateDialog() {
  const asking = useLock((lock) => lock.asking);
  const { passphrase, setPassphrase, submit, action } = useUnlock();
  const close = () => useLock.setState({ asking: false });
  const confirm = async () => {
    if (await submit()) tell('Passphrase accepted', 'Do it again within one minute.');
  };
  return (
    <Dialog
      isOpen={asking}
      onClose={close}
      title="Passphrase for live money"
      role="alertdialog"
      cancel={<Button onPress={close}>Cancel</Button>}
      action={
        <Button kind="primary" isBusy={action.busy} isDisabled={passphrase === ''} onPress={confirm}>
          Authenticate
        </Button>
      }
    >
      <div className="stack">
        <p>Nothing was done yet. Give the passphrase, then press the same button again within one minute.</p>
        <TextField
          label="Passphrase"
          type="password"
          value={passphrase}
          onChange={setPassphrase}
          maxLength={200}
          autoFocus
        />
        {action.error !== undefined && <Failure failure={action.error} />}
      </div>
    </Dialog>
  );
}
