import { useMemo, useState } from 'react';
import type { Args, BalanceEvent, BalancePoint } from '../../../shared/contract';
import {
  AmountCell,
  Button,
  EmptyState,
  Failure,
  Figure,
  Panel,
  Segmented,
  SimpleTable,
  Skeleton,
} from '../../components';
import { useQuery } from '../../state/coffer';
import { AsItStood } from './as-it-stood';
import { BalanceCharts, ChartNotes } from './balance-charts';
import { DriftHistory, ReadingLink } from './drift-items';
import { chartPoints, commonScale, drawnPoints, historySentence } from './history';

type Range = Args<'balances.history'>['range'];

const ranges: readonly { readonly id: Range; readonly label: string }[] = [
  { id: '30d', label: '30 d' },
  { id: '90d', label: '90 d' },
  { id: '6m', label: '6 m' },
  { id: '12m', label: '12 m' },
  { id: 'all', label: 'All' },
];

/** The history of both balances as a figure, with its table. */
export function HistoryFigure({ currency }: { readonly currency: string }) {
  const [range, setRange] = useState<Range>('90d');
  const [at, setAt] = useState<string>();
  const history = useQuery('balances.history', { currency, range });
  const points = history.value?.points;
  const drawn = useMemo(() => drawnPoints(chartPoints(points ?? [], currency)), [points, currency]);
  const scale = useMemo(() => commonScale(drawn), [drawn]);
  const latest = points?.at(-1)?.at;
  const controls = (
    <>
      <Button kind="quiet" isDisabled={latest === undefined} onPress={() => setAt(latest)}>
        At a time…
      </Button>
      <Segmented
        label="Range"
        options={ranges}
        selected={range}
        onSelect={(id) => {
          const chosen = ranges.find((one) => one.id === id);
          if (chosen !== undefined) setRange(chosen.id);
        }}
      />
    </>
  );
  return (
    <Panel>
      {history.error !== undefined && <Failure failure={history.error} onRetry={history.reload} />}
      {history.value === undefined ? (
        history.loading && <Skeleton label="Loading the history" height={330} />
      ) : (
        <>
          <Figure
            title={`Payments and Storage, ${currency.toUpperCase()}`}
            summary={historySentence(history.value.points, currency)}
            controls={controls}
            chart={
              drawn.length < 2 ? (
                <EmptyState title="Too few readings to draw">
                  Each reading of the balances adds a point. Refresh, or choose a longer range.
                </EmptyState>
              ) : (
                <>
                  <BalanceCharts
                    points={drawn}
                    events={history.value.events}
                    scale={scale}
                    currency={currency}
                    onChoose={setAt}
                  />
                  <ChartNotes points={drawn} events={history.value.events} />
                </>
              )
            }
            table={
              <HistoryTable
                points={history.value.points}
                events={history.value.events}
                currency={currency}
                onChoose={setAt}
              />
            }
          />
          <DriftHistory changes={history.value.changes} currency={currency} onChoose={setAt} />
        </>
      )}
      <AsItStood at={at} currency={currency} onChoose={setAt} onClose={() => setAt(undefined)} />
    </Panel>
  );
}

interface HistoryTableProps {
  readonly points: readonly BalancePoint[];
  readonly events: readonly BalanceEvent[];
  readonly currency: string;
  readonly onChoose: (at: string) => void;
}

/** The last reading of each day is enough to read; more would not be looked at. */
const tableRows = 400;

function HistoryTable({ points, events, currency, onChoose }: HistoryTableProps) {
  const newestFirst = [...points].reverse().slice(0, tableRows);
  const eventOf = (point: BalancePoint) =>
    events
      .filter((event) => event.at.slice(0, 10) === point.at.slice(0, 10))
      .map((event) => event.label)
      .join(', ');
  const code = currency.toUpperCase();
  return (
    <SimpleTable
      caption={`Readings of Payments and Storage in ${code}, newest first`}
      rows={newestFirst}
      rowKey={(point) => point.at}
      columns={[
        { id: 'at', header: 'Read at', cell: (point) => <ReadingLink at={point.at} onChoose={onChoose} /> },
        {
          id: 'payments',
          header: `Payments ${code}`,
          align: 'end',
          cell: (point) => <AmountCell value={point.payments} currency={currency} tone="payments" />,
        },
        {
          id: 'storage',
          header: `Storage ${code}`,
          align: 'end',
          cell: (point) => <AmountCell value={point.storage} currency={currency} tone="storage" />,
        },
        {
          id: 'owed',
          header: `Owed ${code}`,
          align: 'end',
          cell: (point) => <AmountCell value={point.owed} currency={currency} />,
        },
        {
          id: 'unexplained',
          header: `Unexplained ${code}`,
          align: 'end',
          cell: (point) => <AmountCell value={point.unexplained} currency={currency} />,
        },
        { id: 'source', header: 'Source', cell: (point) => (point.seeded ? 'Example' : 'Stripe') },
        { id: 'event', header: 'Event', cell: eventOf },
      ]}
    />
  );
}
