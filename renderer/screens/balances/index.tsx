import { RefreshCw } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { BalancesOverview, CoverageView } from '../../../shared/contract';
import {
  Banner,
  Button,
  CurrencyTabs,
  EmptyState,
  Failure,
  instantText,
  PageHeader,
  Panel,
  ScreenLink,
  Skeleton,
} from '../../components';
import { useBalances } from '../../state/balances';
import { screenTitles } from '../../state/navigation';
import { whenIdle } from '../../state/when-idle';
import { Alerts } from './alerts';
import './balances.css';
import { CoverageEquation, CoverageParts } from './coverage-equation';
import { ImportData } from './import-data';
import { NextActionCard } from './next-action';

/** The figures come first and can be used; then the library that draws charts is read. */
const HistoryFigure = lazy(async () => {
  await whenIdle();
  return { default: (await import('./history-figure')).HistoryFigure };
});

/** The home screen: how much is ours, how much is theirs, is it all there. */
export default function BalancesScreen() {
  const { overview, error, refreshing, refresh, load, currency, choose } = useBalances();
  const currencies = overview?.currencies ?? [];
  const view = currencies.find((one) => one.currency === currency) ?? currencies.find(isUsed) ?? currencies.at(0);
  return (
    <>
      <PageHeader
        title={screenTitles.balances}
        subtitle={overview === undefined ? undefined : <Subtitle overview={overview} />}
        filters={
          view !== undefined && (
            <CurrencyTabs
              currencies={overview?.currencies.map((one) => one.currency) ?? []}
              selected={view.currency}
              onSelect={choose}
            />
          )
        }
        actions={
          <Button
            icon={<RefreshCw size={14} />}
            isBusy={refreshing}
            isDisabled={overview === undefined || overview.connection === 'not-configured'}
            onPress={refresh}
          >
            Refresh
          </Button>
        }
      />
      {error !== undefined && <Failure failure={error} onRetry={overview === undefined ? load : refresh} />}
      {overview !== undefined && <ConnectionBanner overview={overview} />}
      {overview === undefined && error === undefined && <Loading />}
      {overview !== undefined && (
        <div className="balances-grid">
          <div className="balances-main">
            {view === undefined ? (
              <NoBalances connected={overview.connection !== 'not-configured'} />
            ) : (
              <>
                <CoverageEquation view={view} />
                <Suspense fallback={<Skeleton label="Loading the history" height={340} />}>
                  <HistoryFigure currency={view.currency} />
                </Suspense>
                <CoverageParts view={view} />
              </>
            )}
          </div>
          <aside className="balances-side" aria-label="Next action and alerts">
            <NextActionCard action={overview.nextAction} />
            <Alerts />
          </aside>
        </div>
      )}
    </>
  );
}

/** A currency that an account may hold and nobody uses is not what a person opens Coffer for. */
function isUsed({ owed, paymentsAvailable, paymentsPending, storageAvailable }: CoverageView): boolean {
  return [owed, paymentsAvailable, paymentsPending, storageAvailable].some((amount) => BigInt(amount) !== 0n);
}

function NoBalances({ connected }: { readonly connected: boolean }) {
  return (
    <Panel>
      <EmptyState title="No balances yet" actions={<ImportData />}>
        {connected ? (
          'Import a folder with creators, subscribers, payments and allocations; then the obligations and the coverage appear here.'
        ) : (
          <>
            Connect Stripe in <ScreenLink to="settings">Settings</ScreenLink>, or import a folder with creators,
            subscribers, payments and allocations.
          </>
        )}
      </EmptyState>
    </Panel>
  );
}

function Subtitle({ overview }: { readonly overview: BalancesOverview }) {
  return (
    <>
      {overview.openPeriod === null ? 'No open period' : `Open period ${overview.openPeriod}`} · {overview.rail}
      {!overview.segregatedAtStripe && ' · separated in Coffer’s ledger, one balance at Stripe'}
    </>
  );
}

function ConnectionBanner({ overview }: { readonly overview: BalancesOverview }) {
  const asOf = overview.asOf === null ? 'There is no reading yet.' : `Figures are of ${instantText(overview.asOf)}.`;
  if (overview.connection === 'not-configured') {
    return (
      <Banner
        tone="attention"
        title="Stripe is not connected."
        actions={<ScreenLink to="settings">Connect Stripe</ScreenLink>}
      >
        {overview.connectionDetail} {asOf}
      </Banner>
    );
  }
  if (overview.connection === 'offline') {
    return (
      <Banner tone="attention" title="Stripe cannot be reached.">
        {overview.connectionDetail} {asOf} Past months, statements, exports and verification work without a network.
      </Banner>
    );
  }
  if (overview.stale) {
    return (
      <Banner tone="attention" title="These figures are old.">
        {overview.connectionDetail} {asOf} Refresh before you decide anything on them.
      </Banner>
    );
  }
  return null;
}

function Loading() {
  return (
    <div className="balances-grid">
      <div className="balances-main">
        <Skeleton label="Loading the coverage" height={126} />
        <Skeleton label="Loading the history" height={340} />
      </div>
      <div className="balances-side">
        <Skeleton label="Loading what to do next" height={130} />
        <Skeleton label="Loading alerts" height={200} />
      </div>
    </div>
  );
}
