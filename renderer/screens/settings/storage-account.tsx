import { useState } from 'react';
import type { Reply } from '../../../shared/contract';
import {
  Amount,
  Banner,
  Button,
  ConfirmDialog,
  Failure,
  Panel,
  SimpleTable,
  Skeleton,
  StatusPill,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { tell } from '../../state/toasts';

type View = Reply<'settings.storageAccounts'>;
type Account = View['accounts'][number];

/** Which financial account at Stripe is Storage; a person chooses when there are several. */
export function StorageAccountPanel() {
  const query = useQuery('settings.storageAccounts', undefined);
  const [choosing, setChoosing] = useState<Account>();
  const { value } = query;
  return (
    <Panel title="Storage account" flush>
      {query.error !== undefined && <Failure failure={query.error} onRetry={query.reload} />}
      {value === undefined && query.error === undefined && (
        <Skeleton label="Loading the storage accounts" height={96} />
      )}
      {value !== undefined && <Unsettled view={value} />}
      {value !== undefined && (
        <SimpleTable<Account>
          caption="Financial accounts for storage at Stripe"
          rows={value.accounts}
          rowKey={(account) => account.id}
          empty="There is none yet. Open one in the Stripe dashboard under Balances."
          columns={[
            { id: 'name', header: 'Account', cell: (account) => account.name },
            { id: 'id', header: 'Id', cell: (account) => <span className="key-code">{account.id}</span> },
            { id: 'holds', header: 'Holds', align: 'end', cell: (account) => <Held account={account} /> },
            { id: 'state', header: 'State', cell: (account) => <State account={account} view={value} /> },
            {
              id: 'actions',
              header: <span className="visually-hidden">Actions</span>,
              align: 'end',
              cell: (account) =>
                account.open && value.chosen !== account.id ? (
                  <Button kind="quiet" label={`Choose ${account.name} as Storage`} onPress={() => setChoosing(account)}>
                    Choose…
                  </Button>
                ) : null,
            },
          ]}
        />
      )}
      {choosing !== undefined && value !== undefined && (
        <Choose account={choosing} view={value} onClose={() => setChoosing(undefined)} onChosen={query.set} />
      )}
    </Panel>
  );
}

function Unsettled({ view }: { readonly view: View }) {
  const open = view.accounts.filter((account) => account.open).length;
  if (view.inUse !== null || open === 0) return null;
  return (
    <Banner tone="attention" title={`There are ${open} open accounts, and none is chosen`}>
      Coffer moves nothing until you say which one holds creators’ money.
    </Banner>
  );
}

function State({ account, view }: { readonly account: Account; readonly view: View }) {
  if (!account.open) return <StatusPill tone="attention">Not open</StatusPill>;
  if (view.inUse !== account.id) return <StatusPill tone="neutral">Not used</StatusPill>;
  return <StatusPill tone="good">{view.chosen === account.id ? 'Storage, chosen' : 'Storage'}</StatusPill>;
}

function Held({ account }: { readonly account: Account }) {
  const held = account.balances
    .map((one) => ({ ...one, total: BigInt(one.available) + BigInt(one.inbound) + BigInt(one.outbound) }))
    .filter((one) => one.total !== 0n);
  if (held.length === 0) return <>Nothing</>;
  return (
    <>
      {held.map((one) => (
        <div key={one.currency}>
          <Amount value={String(one.total)} currency={one.currency} showCurrency />
        </div>
      ))}
    </>
  );
}

interface ChooseProps {
  readonly account: Account;
  readonly view: View;
  readonly onClose: () => void;
  readonly onChosen: (view: View) => void;
}

function Choose({ account, view, onClose, onChosen }: ChooseProps) {
  const choose = useAction('settings.chooseStorageAccount');
  const now = view.accounts.find((one) => one.id === view.inUse);
  const confirm = async () => {
    const result = await choose.run({ id: account.id });
    if (!result.ok) return;
    onChosen(result.value);
    tell('Storage account chosen', account.name);
    onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      title="Choose the storage account"
      restatement={[
        { label: 'Now', value: now === undefined ? (view.inUse ?? 'None') : `${now.name} (${now.id})` },
        { label: 'From now on', value: `${account.name} (${account.id})` },
      ]}
      action="Choose 1 account"
      isBusy={choose.busy}
      {...(choose.error === undefined ? {} : { error: choose.error })}
      onConfirm={confirm}
      onCancel={onClose}
    >
      <p>
        This moves no money and is written to the audit log. It is refused while the present storage account holds money
        or a movement is under way.
      </p>
    </ConfirmDialog>
  );
}
