import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { Reply } from '../../../shared/contract';
import { parseCurrency } from '../../../shared/money/money';
import {
  AmountField,
  Button,
  ConfirmDialog,
  Failure,
  IconButton,
  KeyValue,
  Panel,
  RadioField,
  Skeleton,
  TextField,
} from '../../components';
import { useBalances } from '../../state/balances';
import { useAction, useQuery } from '../../state/coffer';
import { tell } from '../../state/toasts';
import { chunkElsewhere, type PolicyForm, policyForm, readPolicy } from './policy-form';
import { StorageAccountPanel } from './storage-account';

type Loaded = Reply<'settings.get'>;

export function RailAndPolicy() {
  const query = useQuery('settings.get', undefined, { reloadOn: [] });
  if (query.error !== undefined) return <Failure failure={query.error} onRetry={query.reload} />;
  if (query.value === undefined) return <Skeleton label="Loading the policy" height={480} />;
  const { settings, rails } = query.value;
  const hasAccount = rails.find((rail) => rail.name === settings.rail)?.hasStorageAccount === true;
  return (
    <div className="stack">
      {hasAccount && <StorageAccountPanel />}
      <PolicyEditor loaded={query.value} onSaved={query.set} />
    </div>
  );
}

interface PolicyEditorProps {
  readonly loaded: Loaded;
  readonly onSaved: (loaded: Loaded) => void;
}

function PolicyEditor({ loaded, onSaved }: PolicyEditorProps) {
  const { settings, rails } = loaded;
  const update = useAction('settings.update');
  const main = useMainCurrency(settings);
  const [form, setForm] = useState<PolicyForm>(() => policyForm(settings, main));
  const [asked, setAsked] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const { problems, change } = readPolicy(form, settings, main);
  const shown = asked ? problems : {};
  const valid = Object.keys(problems).length === 0;
  const changes = Object.keys(change).length;
  const put = (part: Partial<PolicyForm>) => setForm((before) => ({ ...before, ...part }));
  const railTitle = (name: string) => rails.find((rail) => rail.name === name)?.title ?? name;

  const send = async () => {
    const result = await update.run(change);
    setConfirming(false);
    if (!result.ok) return;
    onSaved({ ...loaded, settings: result.value });
    setForm(policyForm(result.value, main));
    setAsked(false);
    tell('Policy saved', changes === 1 ? '1 change' : `${changes} changes`);
  };
  const save = () => {
    setAsked(true);
    if (!valid || changes === 0) return;
    if (change.rail === undefined) void send();
    else setConfirming(true);
  };

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className="settings-columns">
        <div className="stack">
          <Panel title="How creators’ money is kept apart">
            <RadioField
              label="Rail"
              value={form.rail}
              onChange={(rail) => put({ rail })}
              options={rails.map((rail) => ({ id: rail.name, label: rail.title, detail: rail.description }))}
            />
            <RailFacts rail={rails.find((one) => one.name === form.rail)} />
          </Panel>
          <Panel title="Funding of Storage">
            <RadioField
              label="Funding basis"
              value={form.fundingBasis}
              onChange={(fundingBasis) => put({ fundingBasis })}
              options={[
                {
                  id: 'net',
                  label: 'Net: only what creators receive',
                  detail:
                    'The fee and unallocated money never leave Payments. No way back is needed in a normal month.',
                },
                {
                  id: 'gross',
                  label: 'Gross: what subscribers allocated, then the fee comes back',
                  detail:
                    'Storage is funded with the fee in it. Releasing the fee is a step a person makes in the Stripe dashboard where the rail cannot do it.',
                },
              ]}
            />
          </Panel>
        </div>
        <div className="stack">
          <Panel title="Fee and payouts">
            <div className="stack">
              <TextField
                label="Platform fee in %"
                value={form.fee}
                onChange={(fee) => put({ fee })}
                hint="Of what subscribers allocated and paid, rounded half up to the cent per creator. Months whose earnings are calculated keep their fee."
                {...(shown.fee === undefined ? {} : { error: shown.fee })}
              />
              <Minimums form={form} problems={shown} onChange={(minimums) => put({ minimums })} />
            </div>
          </Panel>
          <Panel title="Readings and migration">
            <div className="stack">
              <TextField
                label="Minutes between two readings of the balances"
                value={form.pollMinutes}
                onChange={(pollMinutes) => put({ pollMinutes })}
                hint="Alerts are looked at with each reading."
                {...(shown.pollMinutes === undefined ? {} : { error: shown.pollMinutes })}
              />
              <AmountField
                label="Largest single movement of a migration"
                currency={main}
                value={form.migrationChunk}
                onChange={(migrationChunk) => put({ migrationChunk })}
                hint={chunkHint(form, main)}
                {...(shown.migrationChunk === undefined ? {} : { error: shown.migrationChunk })}
              />
            </div>
          </Panel>
        </div>
      </div>
      {update.error !== undefined && <Failure failure={update.error} />}
      <div className="row settings-save">
        <Button type="submit" kind="primary" isBusy={update.busy} isDisabled={valid && changes === 0}>
          {changes === 0 ? 'Save changes' : changes === 1 ? 'Save 1 change' : `Save ${changes} changes`}
        </Button>
        <Button
          isDisabled={valid && changes === 0}
          onPress={() => {
            setForm(policyForm(settings, main));
            setAsked(false);
            update.clear();
          }}
        >
          Undo changes
        </Button>
        {asked && !valid && (
          <span className="settings-invalid">Nothing was saved: correct the fields marked above.</span>
        )}
      </div>
      <ConfirmDialog
        isOpen={confirming}
        title="Change how creators’ money is kept apart"
        restatement={[
          { label: 'Now', value: railTitle(settings.rail) },
          { label: 'From now on', value: railTitle(form.rail) },
        ]}
        action="Change the rail"
        isBusy={update.busy}
        onConfirm={send}
        onCancel={() => setConfirming(false)}
      >
        <p>
          This moves no money, and is refused while Storage holds any or a movement is under way. Run the migration
          afterwards, so that what is owed is kept apart in the new way.
        </p>
      </ConfirmDialog>
    </form>
  );
}

/** The currency the platform holds most of its books in, kept while the form is open: what was typed stays what it meant. */
function useMainCurrency(settings: Loaded['settings']): string {
  const [main] = useState(
    () =>
      useBalances.getState().overview?.currencies.at(0)?.currency ?? Object.keys(settings.payoutMinimum).at(0) ?? 'usd',
  );
  return main;
}

function chunkHint(form: PolicyForm, main: string): string {
  const elsewhere = chunkElsewhere(
    form.migrationChunk,
    main,
    form.minimums.map((one) => one.currency),
  );
  const first = 'After the first, small movement was verified, the rest follows in pieces of at most this.';
  return elsewhere.length === 0 ? first : `${first} In other currencies: ${elsewhere.join(', ')}.`;
}

function RailFacts({ rail }: { readonly rail: Loaded['rails'][number] | undefined }) {
  if (rail === undefined) return null;
  return (
    <KeyValue
      items={[
        {
          label: 'At Stripe',
          value: rail.segregatedAtStripe ? 'An account of its own' : 'One balance; apart only in Coffer’s ledger',
        },
        {
          label: 'Storage back to Payments',
          value: rail.releaseByApi ? 'Coffer does it' : 'A person does it in the dashboard; Coffer finds it',
        },
      ]}
    />
  );
}

interface MinimumsProps {
  readonly form: PolicyForm;
  readonly problems: Readonly<Record<string, string | undefined>>;
  readonly onChange: (minimums: PolicyForm['minimums']) => void;
}

function Minimums({ form, problems, onChange }: MinimumsProps) {
  const [adding, setAdding] = useState('');
  const [refused, setRefused] = useState<string>();
  const { minimums } = form;
  const add = () => {
    const code = parseCurrency(adding.trim());
    if (code === undefined) return setRefused('Write a three-letter currency code, like EUR.');
    if (minimums.some((one) => one.currency === code)) return setRefused(`${code.toUpperCase()} is there already.`);
    setRefused(undefined);
    setAdding('');
    onChange([...minimums, { currency: code, amount: '0' }]);
  };
  return (
    <fieldset className="minimums">
      <legend className="field-label">Smallest payout</legend>
      <p className="field-hint">
        Smaller amounts are carried forward and stay owed. A currency that is not listed has no minimum.
      </p>
      {minimums.map((one) => (
        <div key={one.currency} className="minimums-row">
          <AmountField
            label={`Smallest payout in ${one.currency.toUpperCase()}`}
            currency={one.currency}
            value={one.amount}
            onChange={(amount) =>
              onChange(minimums.map((other) => (other.currency === one.currency ? { ...other, amount } : other)))
            }
            {...(problems[`minimum:${one.currency}`] === undefined
              ? {}
              : { error: problems[`minimum:${one.currency}`] as string })}
          />
          <IconButton
            label={`Remove the minimum of ${one.currency.toUpperCase()}`}
            icon={<X size={14} />}
            onPress={() => onChange(minimums.filter((other) => other.currency !== one.currency))}
          />
        </div>
      ))}
      <div className="minimums-row">
        <TextField
          label="Another currency"
          value={adding}
          onChange={setAdding}
          maxLength={3}
          placeholder="EUR"
          {...(refused === undefined ? {} : { error: refused })}
        />
        <Button icon={<Plus size={14} />} onPress={add} isDisabled={adding.trim() === ''}>
          Add a minimum
        </Button>
      </div>
    </fieldset>
  );
}
