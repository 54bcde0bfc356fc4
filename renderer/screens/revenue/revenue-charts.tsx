import type { CSSProperties } from 'react';
import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { percent, spoken } from '../../components';
import type { DrawnMonth } from './months';

interface RevenueChartsProps {
  readonly months: readonly DrawnMonth[];
  readonly currency: string;
}

interface Series {
  readonly key: 'allocated' | 'lapsed' | 'fee';
  readonly label: string;
  readonly colour: string;
  readonly hatched?: boolean;
}

const collected: readonly Series[] = [
  { key: 'allocated', label: 'Allocated to creators', colour: 'var(--storage)' },
  { key: 'lapsed', label: 'Lapsed', colour: 'var(--payments)', hatched: true },
];
const kept: readonly Series[] = [
  { key: 'fee', label: 'Fee', colour: 'var(--payments)' },
  { key: 'lapsed', label: 'Lapsed', colour: 'var(--payments)', hatched: true },
];

/** What was collected, what the platform earned of it, and how much was allocated: the same months under one another. */
export function RevenueCharts({ months, currency }: RevenueChartsProps) {
  const provisional = months.some((month) => month.exact.provisional);
  const adjusted = months.some((month) => month.exact.adjustments !== '0');
  return (
    <>
      <div className="revenue-charts">
        <StackedMonths title="Collected" series={collected} payouts months={months} currency={currency} />
        <StackedMonths title="Revenue" series={kept} months={months} currency={currency} />
        <AllocationRate months={months} />
      </div>
      <p className="revenue-notes">
        Collected and revenue have scales of their own. The line is what was paid to creators for the month.
        {provisional && ' A month marked with * is not closed yet.'}
        {adjusted &&
          ' Adjustments (late payments, refunds and disputes after the close, resolved suspense) are in the table, not in the bars.'}
      </p>
    </>
  );
}

interface StackedMonthsProps extends RevenueChartsProps {
  readonly title: string;
  readonly series: readonly Series[];
  readonly payouts?: boolean;
}

const tick = { fill: 'var(--text-2)', fontSize: 11 };

/** One of the charts that follow one another's pointer. */
const chart = { syncId: 'revenue', accessibilityLayer: false, margin: { top: 6, right: 8, bottom: 0, left: 0 } };

function monthAxis(months: readonly DrawnMonth[]) {
  return {
    dataKey: 'period',
    tickFormatter: (period: string) => monthLabel(period, months),
    stroke: 'var(--line-strong)',
    tick,
    tickLine: false,
    interval: 'preserveStartEnd',
  } as const;
}

function StackedMonths({ title, series, payouts = false, months, currency }: StackedMonthsProps) {
  const hatch = `hatch-${title.toLowerCase()}`;
  const highest = Math.max(
    0,
    ...months.map((month) => series.reduce((sum, one) => sum + month[one.key], 0)),
    ...(payouts ? months.map((month) => month.paid ?? 0) : []),
  );
  return (
    <div className="revenue-chart">
      <p className="revenue-legend">
        <strong>{title}</strong>
        {series.map((one) => (
          <span key={one.key}>
            <i
              className={one.hatched === true ? 'revenue-mark revenue-mark-lapsed' : 'revenue-mark'}
              style={{ '--mark': one.colour } as CSSProperties}
            />
            {one.label}
          </span>
        ))}
        {payouts && (
          <span>
            <i className="revenue-mark revenue-mark-line" style={{ '--mark': 'var(--text)' } as CSSProperties} />
            Paid out
          </span>
        )}
      </p>
      <div className="revenue-plot">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 360, height: 190 }}>
          <ComposedChart data={[...months]} {...chart}>
            <defs>
              <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width="5" height="5" fill="var(--surface)" />
                <rect width="2.5" height="5" fill="var(--payments)" />
              </pattern>
            </defs>
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis {...monthAxis(months)} />
            <YAxis
              width={axisWidth(highest)}
              axisLine={false}
              tickLine={false}
              tick={tick}
              tickFormatter={(value: number) => value.toLocaleString('en')}
            />
            {series.map((one) => (
              <Bar
                key={one.key}
                dataKey={one.key}
                stackId="month"
                fill={one.hatched === true ? `url(#${hatch})` : one.colour}
                stroke={one.colour}
                isAnimationActive={false}
                maxBarSize={30}
              />
            ))}
            {payouts && (
              <Line
                dataKey="paid"
                stroke="var(--text)"
                strokeWidth={2}
                dot={{ r: 2, fill: 'var(--text)' }}
                isAnimationActive={false}
              />
            )}
            <Tooltip
              cursor={{ fill: 'var(--row-hover)' }}
              isAnimationActive={false}
              content={({ active, label }) => {
                const month = active ? months.find((one) => one.period === label)?.exact : undefined;
                if (month === undefined) return null;
                const lines: readonly (readonly [string, string])[] = payouts
                  ? [
                      ['Collected', month.collected],
                      ['Allocated', month.allocated],
                      ['Lapsed', month.lapsed],
                      ['Paid out', month.paid],
                    ]
                  : [
                      ['Fee', month.fee],
                      ['Lapsed', month.lapsed],
                      ['Revenue', month.revenue],
                    ];
                return (
                  <div className="chart-tooltip">
                    <strong>
                      {month.period}
                      {month.provisional && ', so far'}
                    </strong>
                    {lines.map(([name, amount]) => (
                      <span key={name}>
                        {name} <span>{spoken(amount, currency)}</span>
                      </span>
                    ))}
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

function AllocationRate({ months }: { readonly months: readonly DrawnMonth[] }) {
  return (
    <div className="revenue-chart revenue-rate">
      <p className="revenue-legend">
        <strong>Allocation rate</strong>
        <span>Allocated as a share of collected</span>
      </p>
      <div className="revenue-plot">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 720, height: 96 }}>
          <ComposedChart data={[...months]} {...chart}>
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis {...monthAxis(months)} padding={{ left: 12, right: 12 }} />
            <YAxis
              domain={[0, 100]}
              ticks={[0, 50, 100]}
              width={48}
              axisLine={false}
              tickLine={false}
              tick={tick}
              tickFormatter={(value: number) => `${value} %`}
            />
            <Line
              dataKey="rate"
              stroke="var(--storage)"
              strokeWidth={2}
              dot={{ r: 2.5, fill: 'var(--storage)' }}
              isAnimationActive={false}
            />
            <Tooltip
              cursor={{ stroke: 'var(--text-2)' }}
              isAnimationActive={false}
              content={({ active, label }) => {
                const month = active ? months.find((one) => one.period === label)?.exact : undefined;
                return month === undefined ? null : (
                  <div className="chart-tooltip">
                    <strong>{month.period}</strong>
                    <span>{percent(month.allocationRateBps)} allocated</span>
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

function monthLabel(period: string, months: readonly DrawnMonth[]): string {
  const provisional = months.find((month) => month.period === period)?.exact.provisional === true;
  return `${period}${provisional ? '*' : ''}`;
}

function axisWidth(highest: number): number {
  return 16 + Math.round(highest).toLocaleString('en').length * 7;
}
