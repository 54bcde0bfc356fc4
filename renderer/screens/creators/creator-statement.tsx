import { ArrowLeft, Download, FileText, Printer } from 'lucide-react';
import { useState } from 'react';
import type { EarningsForUser, CreatorStatement as Statement } from '../../../shared/contract';
import {
  Amount,
  AmountCell,
  Banner,
  Button,
  CurrencyTabs,
  counted,
  Failure,
  PageHeader,
  Panel,
  ScreenLink,
  SimpleTable,
  Skeleton,
  Stat,
  StatRow,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';
import { tell } from '../../state/toasts';
import { EarningsTable } from './earnings-table';
import { HoldDialog } from './hold-dialog';
import './print.css';
import { CreatorAllocations, CreatorPayouts } from './statement-lines';

/** One creator: what is pending, available, paid, held and unfunded, and every line behind it. */
export function CreatorStatement({ creatorId }: { readonly creatorId: string }) {
  const query = useQuery('creators.statement', { creatorId });
  const statement = query.value;
  const [currency, setCurrency] = useState<string>();
  const go = useNavigation((navigation) => navigation.go);
  const currencies = statement === undefined ? [] : currenciesOf(statement);
  const chosen = currency ?? currencies.at(0);
  return (
    <div className="stack printable">
      <PageHeader
        title={statement?.displayName ?? creatorId}
        subtitle={statement === undefined ? undefined : <Subtitle statement={statement} />}
        filters={
          chosen !== undefined && <CurrencyTabs currencies={currencies} selected={chosen} onSelect={setCurrency} />
        }
        actions={
          <span className="row not-printed">
            <Button icon={<ArrowLeft size={14} />} onPress={() => go('creators')}>
              All creators
            </Button>
            {statement !== undefined && <Actions statement={statement} onChanged={query.reload} />}
          </span>
        }
      />
      {query.error !== undefined && <Failure failure={query.error} onRetry={query.reload} />}
      {query.loading && <Skeleton label="Loading the statement" height={420} />}
      {statement !== undefined && statement.holdReason !== '' && (
        <Banner tone="attention" title="On hold: not paid until the hold is released.">
          {statement.holdReason}
        </Banner>
      )}
      {statement !== undefined && (
        <>
          <Totals creatorId={creatorId} currency={chosen} />
          {chosen !== undefined && <EarningsTable statement={statement} currency={chosen} />}
          {chosen !== undefined && <CreatorPayouts statement={statement} currency={chosen} />}
          {chosen !== undefined && <CreatorAllocations statement={statement} currency={chosen} />}
        </>
      )}
    </div>
  );
}

function currenciesOf({ earnings, allocations, payouts }: Statement): readonly string[] {
  return [...new Set([...earnings, ...allocations, ...payouts].map((one) => one.currency))].sort();
}

function Subtitle({ statement }: { readonly statement: Statement }) {
  return (
    <>
      Statement of {statement.creatorId}
      {statement.email !== '' && ` · ${statement.email}`} ·{' '}
      {statement.stripeAccount === '' ? 'no Stripe account' : statement.stripeAccount}
    </>
  );
}

function Actions({ statement, onChanged }: { readonly statement: Statement; readonly onChanged: () => void }) {
  const { creatorId, displayName, holdReason } = statement;
  const save = useAction('creators.saveStatement');
  const [holding, setHolding] = useState(false);
  const held = holdReason !== '';
  const write = async (format: 'csv' | 'pdf') => {
    const result = await save.run({ creatorId, format });
    if (result.ok && result.value !== null) tell('Saved the statement', result.value.path);
  };
  return (
    <>
      <Button icon={<FileText size={14} />} isDisabled={save.busy} onPress={() => write('pdf')}>
        Save PDF…
      </Button>
      <Button icon={<Download size={14} />} isDisabled={save.busy} onPress={() => write('csv')}>
        Save CSV…
      </Button>
      <Button icon={<Printer size={14} />} onPress={() => window.print()}>
        Print…
      </Button>
      <Button onPress={() => setHolding(true)}>{held ? 'Release hold…' : 'Hold…'}</Button>
      {save.error !== undefined && <Failure failure={save.error} />}
      {holding && (
        <HoldDialog
          kind={held ? 'release' : 'hold'}
          creatorId={creatorId}
          displayName={displayName}
          {...(held ? { holdReason } : {})}
          onClose={() => setHolding(false)}
          onDone={onChanged}
        />
      )}
    </>
  );
}

function Totals({ creatorId, currency }: { readonly creatorId: string; readonly currency: string | undefined }) {
  const totals = useQuery('earnings.forUser', { creatorId });
  if (totals.error !== undefined) return <Failure failure={totals.error} onRetry={totals.reload} />;
  if (totals.value === undefined) return <Skeleton label="Loading the totals" height={76} />;
  const own = totals.value.currencies.find((one) => one.currency === currency) ?? totals.value.currencies.at(0);
  if (own === undefined) {
    return (
      <Panel>
        <p className="muted">Nothing was allocated to this creator yet, and nothing is owed.</p>
      </Panel>
    );
  }
  const amount = (value: string) => <Amount value={value} currency={own.currency} />;
  return (
    <Panel title="Totals" actions={<span className="muted">{own.currency.toUpperCase()}</span>}>
      <StatRow>
        <Stat label="Pending" value={amount(own.pending)} detail="Open month, not final" />
        <Stat label="Available" value={amount(own.available)} detail="Owed, paid at month end" side="storage" />
        <Stat
          label="Paid through Coffer"
          value={amount(own.paid)}
          detail={
            <ScreenLink to="payouts" params={{ period: 'all', creatorId }}>
              All payouts
            </ScreenLink>
          }
        />
        <Stat label="Held" value={amount(own.held)} detail="Owed, not paid for now" side="storage" />
        <Stat label="Unfunded" value={amount(own.unfunded)} detail="Allocated beyond the funds" />
        <Stat label="Net earned" value={amount(own.lifetime)} detail="All months calculated in Coffer" />
      </StatRow>
      <Sources earnings={totals.value} currency={own.currency} />
    </Panel>
  );
}

const SHOWN_SOURCES = 5;

/** Who most of it came from, all months. */
function Sources({ earnings, currency }: { readonly earnings: EarningsForUser; readonly currency: string }) {
  const own = earnings.sources.filter((source) => source.currency === currency).slice(0, SHOWN_SOURCES);
  if (own.length === 0) return null;
  return (
    <details className="statement-sources">
      <summary>Where it came from: {counted(earnings.sourceCount, 'subscriber')}, the largest first</summary>
      <SimpleTable
        caption="Subscribers whose allocations this creator earned most from"
        rows={own}
        rowKey={(source) => source.subscriberId}
        columns={[
          {
            id: 'name',
            header: 'Subscriber',
            cell: (source) => (
              <ScreenLink to="subscribers" params={{ subscriberId: source.subscriberId }}>
                {source.displayName}
              </ScreenLink>
            ),
          },
          {
            id: 'funded',
            header: 'Gross, all months',
            align: 'end',
            cell: (source) => <AmountCell value={source.funded} currency={currency} />,
          },
          {
            id: 'unfunded',
            header: 'Unfunded',
            align: 'end',
            cell: (source) => <AmountCell value={source.unfunded} currency={currency} />,
          },
        ]}
      />
    </details>
  );
}
