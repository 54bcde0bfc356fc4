import type { Fact } from '../../../shared/contract';
import { AmountCell, KeyValue, SimpleTable } from '../../components';

/** How the figures that are signed add up: owed from before + net − paid = still owed. */
const signs: Readonly<Record<string, string>> = {
  'Net to creators': '+',
  'Paid to creators': '−',
  'Still owed to creators': '=',
};

/** Signs only stand where the whole sum is shown: `Net to creators` alone adds to nothing. */
export function signedLabel(label: string, labels: readonly string[]): string {
  const sign = labels.includes('Still owed to creators') ? signs[label] : undefined;
  return sign === undefined ? label : `${sign} ${label}`;
}

/** What a step found or did: amounts with a column for each currency, other facts under them. */
export function FactsTable({ facts, title }: { readonly facts: readonly Fact[]; readonly title: string }) {
  const amounts = facts.filter((fact) => fact.amount !== null);
  const currencies = [...new Set(amounts.flatMap((fact) => fact.amount?.currency ?? []))];
  const labels = [...new Set(amounts.map((fact) => fact.label))];
  const texts = facts.filter((fact) => fact.text !== null);
  const amountOf = (label: string, currency: string) =>
    amounts.find((fact) => fact.label === label && fact.amount?.currency === currency)?.amount?.amount ?? null;
  return (
    <>
      {labels.length > 0 && (
        <div className="figures" data-currencies={Math.min(currencies.length, 4)}>
          <SimpleTable
            caption={title}
            rows={labels}
            rowKey={(label) => label}
            columns={[
              { id: 'label', header: title, cell: (label) => signedLabel(label, labels) },
              ...currencies.map((currency) => ({
                id: currency,
                header: currency.toUpperCase(),
                align: 'end' as const,
                cell: (label: string) => <AmountCell value={amountOf(label, currency)} currency={currency} />,
              })),
            ]}
          />
        </div>
      )}
      {texts.length > 0 && (
        <div className="figures-texts">
          <KeyValue items={texts.map((fact) => ({ label: fact.label, value: fact.text, numeric: true }))} />
        </div>
      )}
    </>
  );
}
