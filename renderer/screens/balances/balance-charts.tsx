import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { BalanceEvent } from '../../../shared/contract';
import { dateText, instantText, spoken } from '../../components';
import './balance-charts.css';
import type { ChartPoint, Scale } from './history';

export interface BalanceChartsProps {
  readonly points: readonly ChartPoint[];
  readonly events: readonly BalanceEvent[];
  readonly scale: Scale;
  readonly currency: string;
  /** A reading was chosen with the pointer; the table does it by keyboard. */
  readonly onChoose: (at: string) => void;
}

/** Payments and Storage side by side: one time axis, one scale, the same events. */
export function BalanceCharts(props: BalanceChartsProps) {
  return (
    <div className="charts">
      <BalanceChart {...props} side="payments" title="Payments" />
      <BalanceChart {...props} side="storage" title="Storage" />
    </div>
  );
}

interface BalanceChartProps extends BalanceChartsProps {
  readonly side: 'payments' | 'storage';
  readonly title: string;
}

function BalanceChart({ points, events, scale, currency, onChoose, side, title }: BalanceChartProps) {
  const colour = `var(--${side})`;
  const labels = eventLabels(events, scale.end - scale.start);
  const pointAt = (label: unknown) => points.find((one) => one.time === Number(label))?.exact;
  return (
    <div className="chart">
      <p className="chart-title">
        <span className={`chart-mark chart-${side}`} />
        {title}
        {side === 'storage' && (
          <>
            <span className="chart-mark chart-owed" />
            Owed
          </>
        )}
      </p>
      <div className="chart-plot">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 360, height: 200 }}>
          <ComposedChart
            data={[...points]}
            syncId="balances"
            accessibilityLayer={false}
            onClick={({ activeLabel }) => {
              const chosen = pointAt(activeLabel);
              if (chosen !== undefined) onChoose(chosen.at);
            }}
            margin={{ top: 6, right: 22, bottom: 0, left: 0 }}
          >
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis
              dataKey="time"
              type="number"
              scale="time"
              domain={[scale.start, scale.end]}
              ticks={[...scale.timeTicks]}
              tickFormatter={(time: number) => scale.timeLabel(time)}
              stroke="var(--line-strong)"
              tick={{ fill: 'var(--text-2)', fontSize: 11 }}
              tickLine={false}
              interval={0}
            />
            <YAxis
              domain={[scale.low, scale.high]}
              ticks={[...scale.ticks]}
              tickFormatter={scale.amountLabel}
              width={scale.labelWidth}
              axisLine={false}
              tickLine={false}
              tick={{ fill: 'var(--text-2)', fontSize: 11 }}
            />
            {events.map((event) => (
              <ReferenceLine
                key={`${event.at} ${event.label}`}
                x={Date.parse(event.at)}
                stroke={event.kind === 'alert' ? 'var(--bad)' : 'var(--line-strong)'}
                strokeDasharray={event.kind === 'funding' ? '1 3' : '3 3'}
                label={
                  labels.has(event) ? <EventLabel text={labels.get(event) ?? ''} left={scale.labelWidth} /> : undefined
                }
              />
            ))}
            <Area
              dataKey={side}
              type="stepAfter"
              stroke="none"
              fill={colour}
              fillOpacity={0.12}
              isAnimationActive={false}
              activeDot={false}
            />
            {side === 'storage' && (
              <Line
                dataKey="owed"
                type="stepAfter"
                stroke="var(--text)"
                strokeWidth={1.5}
                dot={false}
                activeDot={false}
                isAnimationActive={false}
              />
            )}
            <Line
              dataKey={`${side}Read`}
              type="stepAfter"
              stroke={colour}
              strokeWidth={2}
              dot={false}
              isAnimationActive={false}
            />
            <Line
              dataKey={`${side}Seeded`}
              type="stepAfter"
              stroke={colour}
              strokeWidth={2}
              strokeDasharray="2 3"
              dot={false}
              activeDot={false}
              isAnimationActive={false}
            />
            <Tooltip
              cursor={{ stroke: 'var(--text-2)' }}
              isAnimationActive={false}
              content={({ active, label }) => {
                const exact = active ? pointAt(label) : undefined;
                return exact === undefined ? null : (
                  <div className="chart-tooltip">
                    <strong>{instantText(exact.at)}</strong>
                    <span>
                      {title} {spoken(exact[side], currency)}
                    </span>
                    {side === 'storage' && <span>Owed {spoken(exact.owed, currency)}</span>}
                    {BigInt(exact.unexplained) !== 0n && <span>Unexplained {spoken(exact.unexplained, currency)}</span>}
                    {exact.seeded && <span>Example of the sandbox, not read from Stripe</span>}
                  </div>
                );
              }}
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </div>
  );
}

/** Labels stand upright along their lines; those that would lie on one another are written as one, the less important are left out. */
export function eventLabels(events: readonly BalanceEvent[], span: number): ReadonlyMap<BalanceEvent, string> {
  const chosen = new Map<BalanceEvent, string[]>();
  const important = (event: BalanceEvent) => (event.kind === 'funding' ? 1 : 0);
  const apart = span / 24;
  for (const event of [...events].sort((a, b) => important(a) - important(b) || Date.parse(a.at) - Date.parse(b.at))) {
    const near = [...chosen].find(([other]) => Math.abs(Date.parse(other.at) - Date.parse(event.at)) < apart);
    if (near === undefined) chosen.set(event, [event.label]);
    else if (important(event) === 0 && near[1].length < TOGETHER && !near[1].includes(event.label))
      near[1].push(event.label);
  }
  return new Map([...chosen].map(([event, labels]) => [event, labels.join(', ')]));
}

/** Labels that one line has room for. */
const TOGETHER = 3;

interface EventLabelProps {
  readonly text: string;
  /** Where the plot begins: a label left of its line would lie on the amounts of the axis there. */
  readonly left: number;
  readonly viewBox?: { readonly x?: number; readonly y?: number };
}

/** recharts passes the place of the line as `viewBox`. */
function EventLabel({ text, left, viewBox }: EventLabelProps) {
  const line = viewBox?.x ?? 0;
  const x = line - left < 16 ? line + 11 : line - 4;
  const y = (viewBox?.y ?? 0) + 2;
  return (
    <text x={x} y={y} transform={`rotate(-90 ${x} ${y})`} textAnchor="end" className="chart-event">
      {text}
    </text>
  );
}

/** The legend of what the lines mean, under both charts. */
export function ChartNotes({ points, events }: Pick<BalanceChartsProps, 'points' | 'events'>) {
  const seeded = points.filter((point) => point.exact?.seeded === true);
  const firstSeeded = seeded.at(0)?.exact;
  const lastSeeded = seeded.at(-1)?.exact;
  const gaps = points.filter((point) => point.exact === undefined).length;
  const notes = [
    'Pending money is included. Same scale and dates on both. Click a reading for the equation as it stood.',
    firstSeeded !== undefined && lastSeeded !== undefined
      ? `Dotted: example figures of the sandbox, not read from Stripe (${dateText(firstSeeded.at)} to ${dateText(lastSeeded.at)}).`
      : '',
    gaps > 0 ? `${gaps === 1 ? 'One gap' : `${gaps} gaps`}: no reading was taken.` : '',
    events.length > 0 ? 'Upright lines: events.' : '',
  ];
  return <p className="chart-notes">{notes.filter((note) => note !== '').join(' ')}</p>;
}
