import { useState } from 'react';
import type { Role } from '../../../shared/contract';
import { Banner, Button, Failure, Panel, RadioField, TextField } from '../../components';
import { useAction } from '../../state/coffer';
import { useLock } from '../../state/lock';
import { tell } from '../../state/toasts';

const ROLES: readonly { id: Role; label: string; detail: string }[] = [
  {
    id: 'approver',
    label: 'Approver',
    detail: 'Everything: also approves plans, pays, closes, changes policy and keys.',
  },
  {
    id: 'preparer',
    label: 'Preparer',
    detail: 'Imports, runs the steps up to Approve, reconciles. Pays and approves nothing.',
  },
  { id: 'viewer', label: 'Viewer', detail: 'Reads, verifies and exports. Changes nothing.' },
];

/** What the operator of this machine may do, and the passphrase that locks the app. */
export function LockAndRole() {
  const view = useLock((lock) => lock.view);
  if (view === undefined) return null;
  return (
    <>
      <RolePanel role={view.role} hasPassphrase={view.hasPassphrase} />
      <PassphrasePanel hasPassphrase={view.hasPassphrase} canKeep={view.canKeep} />
    </>
  );
}

function RolePanel({ role, hasPassphrase }: { readonly role: Role; readonly hasPassphrase: boolean }) {
  const set = useAction('lock.setRole');
  const [chosen, setChosen] = useState<Role>(role);
  const [passphrase, setPassphrase] = useState('');
  const more = ROLES.findIndex((one) => one.id === chosen) < ROLES.findIndex((one) => one.id === role);
  const save = async () => {
    const result = await set.run({ role: chosen, ...(passphrase === '' ? {} : { passphrase }) });
    setPassphrase('');
    if (!result.ok) return;
    useLock.setState({ view: result.value });
    tell('Role saved', chosen);
  };
  return (
    <Panel title="Role on this computer">
      <div className="stack settings-narrow">
        <RadioField label="Role" value={chosen} onChange={setChosen} options={ROLES} />
        {more && hasPassphrase && (
          <TextField label="Passphrase" type="password" value={passphrase} onChange={setPassphrase} maxLength={200} />
        )}
        {set.error !== undefined && <Failure failure={set.error} />}
        <div>
          <Button kind="primary" isBusy={set.busy} isDisabled={chosen === role} onPress={save}>
            Save the role
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function PassphrasePanel({ hasPassphrase, canKeep }: { readonly hasPassphrase: boolean; readonly canKeep: boolean }) {
  const set = useAction('lock.setPassphrase');
  const lock = useAction('lock.now');
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const differs = again !== '' && again !== next;
  const save = async () => {
    const result = await set.run({ next, ...(hasPassphrase ? { current } : {}) });
    if (!result.ok) return;
    useLock.setState({ view: result.value });
    setCurrent('');
    setNext('');
    setAgain('');
    tell('Passphrase saved', 'Coffer locks after ten minutes without input, on suspend and with the screen.');
  };
  return (
    <Panel
      title="App lock"
      actions={
        hasPassphrase && (
          <Button isBusy={lock.busy} onPress={() => lock.run()}>
            Lock now
          </Button>
        )
      }
    >
      <div className="stack settings-narrow">
        <p className="muted">
          With a passphrase Coffer locks after ten minutes without input, when the computer sleeps and when its screen
          is locked. Live payouts ask for it again. Only a salted hash of it is kept, in the keychain of this computer.
        </p>
        {!canKeep && (
          <Banner tone="attention" title="The keychain is not ready">
            Unlock it first; a passphrase is kept nowhere else.
          </Banner>
        )}
        {hasPassphrase && (
          <TextField label="Present passphrase" type="password" value={current} onChange={setCurrent} maxLength={200} />
        )}
        <TextField
          label={hasPassphrase ? 'New passphrase' : 'Passphrase'}
          type="password"
          value={next}
          onChange={setNext}
          maxLength={200}
          hint="Eight characters or more."
        />
        <TextField
          label="The same again"
          type="password"
          value={again}
          onChange={setAgain}
          maxLength={200}
          {...(differs ? { error: 'The two are not the same.' } : {})}
        />
        {set.error !== undefined && <Failure failure={set.error} />}
        <div>
          <Button
            kind="primary"
            isBusy={set.busy}
            isDisabled={next.length < 8 || next !== again || !canKeep || (hasPassphrase && current === '')}
            onPress={save}
          >
            Save the passphrase
          </Button>
        </div>
      </div>
    </Panel>
  );
}
