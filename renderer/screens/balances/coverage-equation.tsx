import { Fragment, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { CoverageTerm, CoverageView } from '../../../shared/contract';
import { Amount, AmountCell, accounting, Panel, percent, StatusPill, type StatusTone, spoken } from '../../components';
import './coverage-equation.css';
import { DifferenceParts, Parts } from './coverage-parts';
import { TermDrawer } from './term-drawer';

interface Term {
  readonly term: CoverageTerm;
  readonly operator: '' | '+' | '−' | '=';
  readonly spokenOperator: string;
  readonly label: string;
  readonly amount: string;
}

function terms(view: CoverageView): readonly Term[] {
  return [
    {
      term: 'storage-available',
      operator: '',
      spokenOperator: '',
      label: 'Storage available',
      amount: view.storageAvailable,
    },
    {
      term: 'inbound-pending',
      operator: '+',
      spokenOperator: 'plus',
      label: 'Inbound pending',
      amount: view.inboundPending,
    },
    {
      term: 'outbound-pending',
      operator: '+',
      spokenOperator: 'plus',
      label: 'Outbound pending',
      amount: view.outboundPending,
    },
    { term: 'owed', operator: '−', spokenOperator: 'less', label: 'Owed to creators and suspense', amount: view.owed },
    {
      term: 'difference',
      operator: '=',
      spokenOperator: 'equals',
      label: BigInt(view.difference) < 0n ? 'Shortfall' : 'Surplus',
      amount: view.difference,
    },
  ];
}

/** The longest amount decides the size of all, so that none is clipped. */
function digits(all: readonly Term[], currency: string): 'few' | 'some' | 'many' {
  const longest = Math.max(...all.map(({ amount }) => accounting(amount, currency).length));
  return longest <= 10 ? 'few' : longest <= 12 ? 'some' : 'many';
}

const bands: Readonly<Record<CoverageView['band'], { tone: StatusTone; word: string }>> = {
  normal: { tone: 'neutral', word: 'As usual' },
  watch: { tone: 'information', word: 'Less than usual' },
  alert: { tone: 'attention', word: 'Unusually low' },
  none: { tone: 'neutral', word: 'Both empty' },
};

/** The coverage equation of one currency, every term a button that opens its lines. It stays in view while scrolling. */
export function CoverageEquation({ view }: { readonly view: CoverageView }) {
  const [opened, setOpened] = useState<CoverageTerm>();
  const { currency } = view;
  const all = terms(view);
  return (
    <div className="coverage">
      <Panel
        title="Coverage"
        actions={
          <>
            <span className="muted">{currency.toUpperCase()}</span>
            <span>
              Coverage <strong>{percent(view.coverageBps)}</strong>
            </span>
            <CoverageState view={view} />
          </>
        }
      >
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls; these buttons open lines */}
        <div className="equation" data-size={digits(all, currency)} role="group" aria-label={sentence(view)}>
          {all.map(({ term, operator, spokenOperator, label, amount }) => (
            <Fragment key={term}>
              {operator !== '' && (
                <span className="equation-operator">
                  <span aria-hidden="true">{operator}</span>
                  <span className="visually-hidden">{spokenOperator}</span>
                </span>
              )}
              <AriaButton className="equation-term" data-term={term} onPress={() => setOpened(term)}>
                <span className="equation-label">{label}</span>
                <Amount
                  value={amount}
                  currency={currency}
                  tone={term === 'difference' ? 'difference' : term === 'owed' ? 'plain' : 'storage'}
                />
                <span className="visually-hidden">, opens its lines</span>
              </AriaButton>
            </Fragment>
          ))}
        </div>
        <TermDrawer term={opened} currency={currency} onClose={() => setOpened(undefined)} />
      </Panel>
    </div>
  );
}

/** What the terms consist of: the owed and the difference by name, and the Payments balance. */
export function CoverageParts({ view }: { readonly view: CoverageView }) {
  const [opened, setOpened] = useState<CoverageTerm>();
  const { currency } = view;
  // What Storage lacks by the books is still in Payments; what has no explanation may be anywhere.
  const shortfall = BigInt(view.unexplained) - BigInt(view.difference);
  const owedInPayments = shortfall > 0n ? shortfall : 0n;
  const inPayments = BigInt(view.paymentsAvailable) + BigInt(view.paymentsPending);
  return (
    <Panel title="What the terms consist of" actions={<span className="muted">{currency.toUpperCase()}</span>}>
      <div className="equation-parts">
        <Parts
          title="Owed, by name"
          parts={view.owedParts}
          total={view.owed}
          currency={currency}
          nothing="Nothing is owed."
        />
        <DifferenceParts of={view} currency={currency} />
        <section>
          <h3>Payments</h3>
          <ul className="parts">
            <PlainLine label="Available" amount={view.paymentsAvailable} currency={currency} isPayments />
            <PlainLine label="Pending" amount={view.paymentsPending} currency={currency} isPayments />
            <li className="parts-total">
              <AriaButton className="screen-link" onPress={() => setOpened('payments')}>
                Total
                <span className="visually-hidden"> of Payments, opens its lines</span>
              </AriaButton>
              <AmountCell value={String(inPayments)} currency={currency} tone="payments" />
            </li>
            {owedInPayments > 0n && (
              <>
                <PlainLine label="Owed to creators, still here" amount={String(-owedInPayments)} currency={currency} />
                <PlainLine
                  label="The platform’s own"
                  amount={String(inPayments - owedInPayments)}
                  currency={currency}
                  isTotal
                />
              </>
            )}
            <li>
              <span>Payments share of both</span>
              <span className="numeric">
                {percent(view.paymentsShareBps)}
                <span className="amount-room" aria-hidden="true">
                  )
                </span>
              </span>
            </li>
            <li>
              <span>Compared with usual</span>
              <StatusPill tone={bands[view.band].tone}>{bands[view.band].word}</StatusPill>
            </li>
          </ul>
        </section>
      </div>
      <TermDrawer term={opened} currency={currency} onClose={() => setOpened(undefined)} />
    </Panel>
  );
}

function sentence(view: CoverageView): string {
  const { currency } = view;
  return (
    `Storage available ${spoken(view.storageAvailable, currency)}, plus inbound pending ${spoken(view.inboundPending, currency)}, ` +
    `plus outbound pending ${spoken(view.outboundPending, currency)}, less owed ${spoken(view.owed, currency)}, ` +
    `equals ${spoken(view.difference, currency)}`
  );
}

function CoverageState({ view }: { readonly view: CoverageView }) {
  if (BigInt(view.unexplained) !== 0n) return <StatusPill tone="bad">Unexplained difference</StatusPill>;
  if (BigInt(view.difference) < 0n) return <StatusPill tone="attention">Short, explained</StatusPill>;
  if (view.coverageBps === null) return <StatusPill tone="neutral">Nothing owed</StatusPill>;
  return <StatusPill tone="good">Covered</StatusPill>;
}

interface PlainLineProps {
  readonly label: string;
  readonly amount: string;
  readonly currency: string;
  readonly isPayments?: boolean;
  readonly isTotal?: boolean;
}

function PlainLine({ label, amount, currency, isPayments = false, isTotal = false }: PlainLineProps) {
  return (
    <li className={isTotal ? 'parts-total' : undefined}>
      <span>{label}</span>
      <AmountCell value={amount} currency={currency} {...(isPayments ? { tone: 'payments' as const } : {})} />
    </li>
  );
}
