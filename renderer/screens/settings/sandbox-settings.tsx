import { useState } from 'react';
import type { Reply, SandboxFault } from '../../../shared/contract';
import {
  AmountField,
  Banner,
  Button,
  counted,
  Failure,
  instantText,
  KeyValue,
  Panel,
  parseAmount,
  RadioField,
  ScreenLink,
  SelectField,
  SimpleTable,
  Skeleton,
  StatusPill,
  spoken,
  TextField,
} from '../../components';
import { useBalances } from '../../state/balances';
import { useAction, useQuery } from '../../state/coffer';
import { tell } from '../../state/toasts';
import { faultLabel, faults } from './faults';

type Status = Reply<'sandbox.status'>;

/** The embedded Stripe, and failures on demand to see what Coffer does. Shown in the sandbox only. */
export function SandboxSettings() {
  const status = useQuery('sandbox.status', undefined);
  if (status.error !== undefined && status.value === undefined) {
    return <Failure failure={status.error} onRetry={status.reload} />;
  }
  if (status.value === undefined) return <Skeleton label="Loading the sandbox" height={360} />;
  return (
    <div className="settings-columns">
      <div className="stack">
        <EmbeddedStripe status={status.value} onChanged={status.set} />
        <OutsideMovement />
      </div>
      <Faults onChanged={status.set} />
    </div>
  );
}

interface EmbeddedStripeProps {
  readonly status: Status;
  readonly onChanged: (status: Status) => void;
}

function EmbeddedStripe({ status, onChanged }: EmbeddedStripeProps) {
  const clear = useAction('sandbox.clearFaults');
  const clearAll = async () => {
    const result = await clear.run();
    if (!result.ok) return;
    onChanged(result.value);
    tell('Cleared all faults');
  };
  return (
    <Panel
      title="Embedded Stripe"
      actions={
        <StatusPill tone={status.available ? 'good' : 'bad'}>{status.available ? 'Running' : 'Not running'}</StatusPill>
      }
    >
      <div className="stack">
        <KeyValue
          items={[
            { label: 'Address', value: <span className="key-code">{status.url === '' ? '—' : status.url}</span> },
            { label: 'Its clock', value: status.now === '' ? '—' : instantText(status.now) },
          ]}
        />
        <SimpleTable
          caption="Faults that are arranged"
          rows={status.faults.map((fault, index) => ({ ...fault, key: `${index} ${fault.kind}` }))}
          rowKey={(fault) => fault.key}
          empty="No fault is arranged: everything works."
          columns={[
            { id: 'kind', header: 'Arranged fault', cell: faultLabel },
            { id: 'detail', header: 'Detail', cell: (fault) => fault.detail },
          ]}
        />
        {clear.error !== undefined && <Failure failure={clear.error} />}
        {status.faults.length > 0 && (
          <div>
            <Button isBusy={clear.busy} onPress={clearAll}>
              Clear {counted(status.faults.length, 'fault')}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Faults({ onChanged }: { readonly onChanged: (status: Status) => void }) {
  const arrange = useAction('sandbox.fault');
  const [fault, setFault] = useState<SandboxFault>('payout-fails');
  const [times, setTimes] = useState('1');
  const [asked, setAsked] = useState(false);
  const count = /^\d{1,3}$/.test(times.trim()) ? Number(times.trim()) : 0;
  const valid = count >= 1 && count <= 100;
  const submit = async () => {
    setAsked(true);
    if (!valid) return;
    const result = await arrange.run({ fault, times: count });
    if (!result.ok) return;
    setAsked(false);
    onChanged(result.value);
    tell(
      'Arranged a fault',
      `${faults.find((one) => one.id === fault)?.label ?? fault}, ${count === 1 ? 'once' : `${count} times`}`,
    );
  };
  return (
    <Panel title="Failures on demand">
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <RadioField
          label="What is to go wrong"
          value={fault}
          onChange={setFault}
          options={faults.map((one) => ({ id: one.id, label: one.label, detail: `${one.effect} ${one.see}` }))}
        />
        <div className="fault-times">
          <TextField
            label="Times"
            value={times}
            onChange={setTimes}
            maxLength={3}
            hint="How many matching calls it hits, one after another."
            {...(asked && !valid ? { error: 'Write a whole number from 1 to 100.' } : {})}
          />
        </div>
        {arrange.error !== undefined && <Failure failure={arrange.error} />}
        <div>
          <Button type="submit" isBusy={arrange.busy}>
            Arrange this fault
          </Button>
        </div>
      </form>
    </Panel>
  );
}

/** Plays somebody who moves money in the Stripe dashboard, so that the alert can be seen. */
function OutsideMovement() {
  const move = useAction('sandbox.outsideMove');
  const refresh = useBalances((balances) => balances.refresh);
  const overview = useBalances((balances) => balances.overview);
  const currencies = overview?.currencies.map((one) => one.currency) ?? ['usd'];
  const [chosen, setChosen] = useState<string>();
  const currency = chosen ?? currencies[0] ?? 'usd';
  const [text, setText] = useState('25.00');
  const [asked, setAsked] = useState(false);
  const [moved, setMoved] = useState<string>();
  const minor = parseAmount(text, currency);
  const positive = minor !== undefined && BigInt(minor) > 0n;
  const submit = async () => {
    setAsked(true);
    if (minor === undefined || !positive) return;
    const result = await move.run({ currency, amount: minor });
    if (!result.ok) return;
    setAsked(false);
    setMoved(spoken(minor, currency));
    await refresh();
  };
  return (
    <Panel title="Money moved outside Coffer">
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p className="muted">
          Somebody takes money out of Storage in the Stripe dashboard. The next reading raises a critical alert, and
          Reconciliation shows the line that is not ours.
        </p>
        <SelectField
          label="Currency"
          value={currency}
          onChange={setChosen}
          options={currencies.map((code) => ({ id: code, label: code.toUpperCase() }))}
        />
        <AmountField
          label="Amount"
          currency={currency}
          value={text}
          onChange={setText}
          {...(asked && !positive ? { error: `Write an amount of ${currency.toUpperCase()} above zero.` } : {})}
        />
        {move.error !== undefined && <Failure failure={move.error} />}
        {moved !== undefined && (
          <Banner tone="information" title={`${moved} left Storage outside Coffer.`} live>
            Look at the alert on <ScreenLink to="balances">Balances</ScreenLink> and the line under{' '}
            <ScreenLink to="reconciliation">Reconciliation</ScreenLink>.
          </Banner>
        )}
        <div>
          <Button type="submit" isBusy={move.busy}>
            {positive && minor !== undefined
              ? `Move ${spoken(minor, currency)} out of Storage`
              : 'Move money out of Storage'}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
