import type { MonthEndView } from '../../../shared/contract';
import { AmountCell, Banner, counted, Panel, ScreenLink, SimpleTable, spoken } from '../../components';
import { grouped } from '../../format/amount';

type Outcome = MonthEndView['outcomes'][number];

/** `41 of 43 posted, 6,812.40 of 7,000.00 USD; 2 failed, 187.60 still in Storage`. */
export function outcomeSentence(outcome: Outcome): string {
  const { currency } = outcome;
  const amount = (minor: string) => grouped(minor, currency).text;
  const rest = [
    outcome.failed > 0 ? `${outcome.failed} failed, ${amount(outcome.failedAmount)} still in Storage` : '',
    outcome.processing > 0 ? `${outcome.processing} under way at Stripe` : '',
    outcome.unknown > 0 ? `${outcome.unknown} with an unknown outcome` : '',
  ].filter((words) => words !== '');
  const head = `${outcome.posted.toLocaleString('en')} of ${outcome.planned.toLocaleString('en')} posted, ${amount(outcome.postedAmount)} of ${spoken(outcome.plannedAmount, currency)}`;
  return [head, ...rest].join('; ');
}

/** How the payouts ended, and what is still to do about those that did not arrive. */
export function PayOutcomes({ view }: { readonly view: MonthEndView }) {
  const { outcomes, causes, period } = view;
  if (outcomes.length === 0) return null;
  const unknown = outcomes.reduce((sum, one) => sum + one.unknown, 0);
  const failed = outcomes.reduce((sum, one) => sum + one.failed, 0);
  return (
    <>
      {outcomes.map((outcome) => (
        <Banner key={outcome.currency} tone={toneOf(outcome)} title={outcomeSentence(outcome)} />
      ))}
      {unknown > 0 && (
        <p>
          <strong>{counted(unknown, 'payout')} may or may not have reached Stripe.</strong> Coffer looks{' '}
          {unknown === 1 ? 'it' : 'them'} up there; nothing is sent again before the answer is known.{' '}
          <ScreenLink to="payouts" params={{ period, status: 'unknown' }}>
            Open the unknown payouts
          </ScreenLink>
        </p>
      )}
      {causes.length > 0 && (
        <Panel
          title={`Why ${counted(failed, 'payout')} did not arrive`}
          flush
          actions={
            <ScreenLink to="payouts" params={{ period, view: 'not-paid' }}>
              Causes and next actions
            </ScreenLink>
          }
        >
          <SimpleTable
            caption="Failed payouts by cause"
            rows={causes}
            rowKey={(cause) => cause.cause}
            columns={[
              { id: 'cause', header: 'Cause', cell: (cause) => cause.cause },
              { id: 'count', header: 'Payouts', align: 'end', cell: (cause) => cause.count.toLocaleString('en') },
              ...outcomes.map(({ currency }) => ({
                id: currency,
                header: `Amount ${currency.toUpperCase()}`,
                align: 'end' as const,
                cell: (cause: MonthEndView['causes'][number]) => (
                  <AmountCell
                    value={cause.amounts.find((one) => one.currency === currency)?.amount ?? null}
                    currency={currency}
                  />
                ),
              })),
              { id: 'next', header: 'What to do', cell: (cause) => cause.nextAction },
            ]}
          />
        </Panel>
      )}
    </>
  );
}

function toneOf(outcome: Outcome): 'good' | 'attention' | 'information' {
  if (outcome.failed > 0 || outcome.unknown > 0) return 'attention';
  return outcome.processing > 0 ? 'information' : 'good';
}
