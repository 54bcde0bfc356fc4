import { useState } from 'react';
import type { ApprovalKind, ApproverView, Reply } from '../../../shared/contract';
import {
  AmountField,
  amountsText,
  Button,
  Failure,
  KeyValue,
  Panel,
  parseAmount,
  plainDecimal,
  SimpleTable,
  TextField,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { tell } from '../../state/toasts';

const requestWords: Readonly<Record<ApprovalKind, { readonly amount: string; readonly count: string }>> = {
  'month-end': { amount: 'To pay', count: 'Payouts' },
  migration: { amount: 'To move from Payments to Storage', count: 'Movements' },
  withdrawal: { amount: 'To withdraw to the bank account', count: 'Withdrawals' },
};

/** Two people on two machines: the limit, this machine's key, the keys that are pinned, and signing for somebody else. */
export function TwoPeople() {
  const keys = useQuery('approval.keys', undefined, { reloadOn: [] });
  const settings = useQuery('settings.get', undefined, { reloadOn: [] });
  if (keys.error !== undefined) return <Failure failure={keys.error} onRetry={keys.reload} />;
  if (keys.value === undefined || settings.value === undefined) return null;
  return (
    <>
      <Limit settings={settings.value.settings} onSaved={settings.reload} />
      <Keys keys={keys.value} onChanged={keys.reload} />
      <SignForAnother />
    </>
  );
}

type Settings = Reply<'settings.get'>['settings'];

function Limit({ settings, onSaved }: { readonly settings: Settings; readonly onSaved: () => void }) {
  const update = useAction('settings.update');
  const currencies = [
    ...new Set([...Object.keys(settings.payoutMinimum), ...Object.keys(settings.approvalLimit)]),
  ].sort();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const textOf = (currency: string) => {
    const limit = settings.approvalLimit[currency];
    return typed[currency] ?? (limit === undefined ? '' : plainDecimal(limit, currency));
  };
  const wrong = currencies.filter(
    (currency) => textOf(currency).trim() !== '' && parseAmount(textOf(currency), currency) === undefined,
  );
  const anyLimit = currencies.some((currency) => textOf(currency).trim() !== '');
  const save = async () => {
    const approvalLimit: Record<string, string> = {};
    for (const currency of currencies) {
      const minor = parseAmount(textOf(currency), currency);
      if (minor !== undefined) approvalLimit[currency] = minor;
    }
    const result = await update.run({ approvalLimit });
    if (!result.ok) return;
    tell('Limit saved', 'It holds for every month that is not paid yet.');
    onSaved();
  };
  return (
    <Panel title="A second person above a limit">
      <div className="stack settings-narrow">
        <p className="muted">
          A month whose payouts, or a migration whose movements, come to more than this is paid or moved only after a
          second person approved it on another computer. One computer cannot prove two people. Once one currency has a
          limit, every amount in a currency without one needs the second person too.
        </p>
        {currencies.map((currency) => (
          <AmountField
            key={currency}
            label={`Limit (${currency.toUpperCase()})`}
            currency={currency}
            value={textOf(currency)}
            onChange={(text) => setTyped((before) => ({ ...before, [currency]: text }))}
            hint={
              anyLimit
                ? 'Empty: every amount needs the second person, because another currency has a limit.'
                : 'Empty: no limit.'
            }
            {...(wrong.includes(currency) ? { error: 'Write an amount, or leave it empty.' } : {})}
          />
        ))}
        {update.error !== undefined && <Failure failure={update.error} />}
        <div>
          <Button
            kind="primary"
            isBusy={update.busy}
            isDisabled={Object.keys(typed).length === 0 || wrong.length > 0}
            onPress={save}
          >
            Save the limit
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Keys({ keys, onChanged }: { readonly keys: Reply<'approval.keys'>; readonly onChanged: () => void }) {
  const save = useAction('approval.exportKey');
  const read = useAction('approval.readKey');
  const pin = useAction('approval.pin');
  const revoke = useAction('approval.revoke');
  const [found, setFound] = useState<ApproverView>();
  const [confirmed, setConfirmed] = useState('');
  const open = async () => {
    const result = await read.run();
    if (result.ok && result.value !== null) setFound(result.value);
  };
  const accept = async () => {
    if (found === undefined) return;
    const result = await pin.run({ name: found.name, publicKey: found.publicKey, confirmed });
    if (!result.ok) return;
    tell('Key pinned', found.name);
    setFound(undefined);
    setConfirmed('');
    onChanged();
  };
  const failure = save.error ?? read.error ?? pin.error ?? revoke.error;
  return (
    <Panel
      title="Keys"
      actions={
        <>
          <Button isBusy={save.busy} onPress={() => save.run()}>
            Save my public key
          </Button>
          <Button isBusy={read.busy} onPress={open}>
            Open another’s key
          </Button>
        </>
      }
    >
      <div className="stack">
        <KeyValue items={[{ label: 'Fingerprint of this computer', value: <code>{keys.own.fingerprint}</code> }]} />
        {found !== undefined && (
          <div className="stack settings-narrow">
            <p>
              The file names <strong>{found.name}</strong>. Let them read the last four characters of the fingerprint
              out from their own screen, and type what you hear.
            </p>
            <TextField label="Last four characters" value={confirmed} onChange={setConfirmed} maxLength={4} />
            <div className="row">
              <Button onPress={() => setFound(undefined)}>Cancel</Button>
              <Button kind="primary" isBusy={pin.busy} isDisabled={confirmed.trim().length !== 4} onPress={accept}>
                Pin the key of {found.name}
              </Button>
            </div>
          </div>
        )}
        {failure !== undefined && <Failure failure={failure} />}
        <SimpleTable
          caption="People who may approve"
          rows={keys.approvers}
          rowKey={(row) => row.publicKey}
          empty="Nobody may approve yet."
          columns={[
            { id: 'name', header: 'Name', cell: (row) => row.name },
            { id: 'key', header: 'Fingerprint', cell: (row) => <code>{row.fingerprint}</code> },
            {
              id: 'revoke',
              header: 'Action',
              cell: (row) => (
                <Button
                  onPress={async () => {
                    if ((await revoke.run({ publicKey: row.publicKey })).ok) onChanged();
                  }}
                >
                  Revoke
                </Button>
              ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}

/** This machine as the second one: what a request asks for is shown, then signed. */
function SignForAnother() {
  const read = useAction('approval.readRequest');
  const sign = useAction('approval.sign');
  const [request, setRequest] = useState<NonNullable<Reply<'approval.readRequest'>>>();
  const open = async () => {
    const result = await read.run();
    if (result.ok && result.value !== null) setRequest(result.value);
  };
  const approve = async () => {
    if (request === undefined) return;
    const result = await sign.run({ nonce: request.nonce });
    if (!result.ok || result.value === null) return;
    tell('Approval saved', result.value.path);
    setRequest(undefined);
  };
  const failure = read.error ?? sign.error;
  return (
    <Panel
      title="Approve for somebody else"
      actions={
        <Button isBusy={read.busy} onPress={open}>
          Open a request
        </Button>
      }
    >
      <div className="stack">
        {request === undefined ? (
          <p className="muted">
            Open the request that the other person saved; nothing is signed before you have seen it.
          </p>
        ) : (
          <>
            <KeyValue
              items={[
                { label: 'Asked by', value: request.requestedBy },
                { label: 'Their fingerprint', value: <code>{request.fingerprint}</code> },
                { label: 'Mode', value: request.mode.toUpperCase() },
                { label: 'Stripe account', value: <code>{request.stripeAccount}</code> },
                { label: 'Month', value: `${request.period} (version ${request.version})` },
                {
                  label: requestWords[request.kind].amount,
                  value: amountsText(request.totals),
                },
                {
                  label: requestWords[request.kind].count,
                  value: String(request.totals.reduce((sum, one) => sum + one.payouts, 0)),
                },
                { label: 'Plan', value: <code>{request.planHash}</code> },
                { label: 'Valid until', value: request.expiresAt },
              ]}
            />
            <div className="row">
              <Button onPress={() => setRequest(undefined)}>Cancel</Button>
              <Button kind="primary" isBusy={sign.busy} onPress={approve}>
                Approve {amountsText(request.totals)} for {request.period}
              </Button>
            </div>
          </>
        )}
        {failure !== undefined && <Failure failure={failure} />}
      </div>
    </Panel>
  );
}
