import { useState } from 'react';
import type { ConnectionReport, KeyView, Mode, Reply } from '../../../shared/contract';
import {
  Banner,
  Button,
  ConfirmDialog,
  Failure,
  instantText,
  Panel,
  SimpleTable,
  Skeleton,
  StatusPill,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { useSession } from '../../state/session';
import { tell } from '../../state/toasts';
import { ConnectionDetails, ConnectionMessage } from './connection-result';
import { KeyForm } from './key-form';
import { ModeSwitch, modeNames } from './mode-switch';

type Keychain = Reply<'secrets.status'>['keychain'];

/** The mode Coffer works in, the keychain, and the Stripe key of each mode. */
export function StripeConnection() {
  const status = useQuery('secrets.status', undefined);
  const rail = useQuery('settings.get', undefined).value?.settings.rail;
  const test = useAction('secrets.test');
  const [tested, setTested] = useState<ConnectionReport>();
  const [removing, setRemoving] = useState<KeyView>();
  const { value } = status;

  const runTest = async (mode: Mode) => {
    setTested(undefined);
    const result = await test.run({ mode, ...(rail === undefined ? {} : { rail }) });
    if (result.ok) setTested(result.value);
  };

  return (
    <div className="stack">
      <ModeSwitch keys={value?.keys} />
      {status.error !== undefined && <Failure failure={status.error} onRetry={status.reload} />}
      {value === undefined && status.error === undefined && <Skeleton label="Loading the keys" height={260} />}
      {value !== undefined && (
        <>
          <Panel title="Stripe keys" actions={<KeychainState keychain={value.keychain} />} flush>
            <KeychainBanner keychain={value.keychain} onCheck={status.reload} />
            <SimpleTable<KeyView>
              caption="Stripe keys of this computer"
              rows={value.keys}
              rowKey={(key) => key.mode}
              empty="No key is stored. The sandbox needs none."
              columns={[
                { id: 'mode', header: 'Mode', cell: (key) => modeNames[key.mode] },
                {
                  id: 'kind',
                  header: 'Kind',
                  cell: (key) => (key.kind === 'restricted' ? 'Restricted key' : 'Secret key, may do everything'),
                },
                { id: 'last4', header: 'Ends with', cell: (key) => <span className="key-code">…{key.last4}</span> },
                {
                  id: 'storage',
                  header: 'Kept',
                  cell: (key) => (key.storage === 'keychain' ? 'In the keychain' : 'Until Coffer quits'),
                },
                {
                  id: 'storedAt',
                  header: 'Since',
                  cell: (key) => (key.storedAt === null ? '—' : instantText(key.storedAt)),
                },
                {
                  id: 'actions',
                  header: <span className="visually-hidden">Actions</span>,
                  align: 'end',
                  cell: (key) => (
                    <span className="settings-actions">
                      <Button
                        kind="quiet"
                        label={`Test the connection of ${modeNames[key.mode]}`}
                        isBusy={test.busy}
                        onPress={() => runTest(key.mode)}
                      >
                        Test connection
                      </Button>
                      <Button
                        kind="quiet"
                        label={`Remove the key of ${modeNames[key.mode]}`}
                        onPress={() => setRemoving(key)}
                      >
                        Remove…
                      </Button>
                    </span>
                  ),
                },
              ]}
            />
          </Panel>
          {test.error !== undefined && <Failure failure={test.error} />}
          {tested !== undefined && (
            <>
              <ConnectionMessage report={tested} />
              <ConnectionDetails report={tested} title={`Connection of ${modeNames[tested.mode]}`} />
            </>
          )}
          <KeyForm keychain={value.keychain} keys={value.keys} onStored={status.reload} />
        </>
      )}
      {removing !== undefined && (
        <RemoveKey keyView={removing} onClose={() => setRemoving(undefined)} onRemoved={status.reload} />
      )}
    </div>
  );
}

function KeychainState({ keychain }: { readonly keychain: Keychain }) {
  switch (keychain.state) {
    case 'ready':
      return <StatusPill tone="good">Keychain ready</StatusPill>;
    case 'locked':
      return <StatusPill tone="attention">Keychain locked</StatusPill>;
    case 'unavailable':
      return <StatusPill tone="attention">No keychain</StatusPill>;
  }
}

function KeychainBanner({ keychain, onCheck }: { readonly keychain: Keychain; readonly onCheck: () => void }) {
  if (keychain.state === 'ready') return null;
  return (
    <Banner tone="attention" title={keychain.detail} actions={<Button onPress={onCheck}>Check again</Button>}>
      {keychain.hint}
    </Banner>
  );
}

interface RemoveKeyProps {
  readonly keyView: KeyView;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

function RemoveKey({ keyView, onClose, onRemoved }: RemoveKeyProps) {
  const clear = useAction('secrets.clear');
  const loadSession = useSession((session) => session.load);
  const remove = async () => {
    const result = await clear.run({ mode: keyView.mode });
    if (!result.ok) return;
    tell(`Removed the key of ${modeNames[keyView.mode]}`);
    onRemoved();
    onClose();
    await loadSession();
  };
  return (
    <ConfirmDialog
      isOpen
      title={`Remove the key of ${modeNames[keyView.mode]}`}
      restatement={[
        { label: 'Mode', value: modeNames[keyView.mode] },
        { label: 'Key ends with', value: `…${keyView.last4}` },
      ]}
      action="Remove 1 key"
      danger
      isBusy={clear.busy}
      {...(clear.error === undefined ? {} : { error: clear.error })}
      onConfirm={remove}
      onCancel={onClose}
    >
      <p>
        Coffer forgets the key and cannot read or move anything in this mode until another one is added. Months, exports
        and the audit log stay. The key itself stays valid at Stripe: delete it in the dashboard under Developers, API
        keys, if nobody is to use it any more.
      </p>
    </ConfirmDialog>
  );
}
