import { Button as AriaButton } from 'react-aria-components';
import type { DriftChange, DriftItem } from '../../../shared/contract';
import { Amount, AmountCell, instantText, SimpleTable } from '../../components';
import { navigateTo } from '../../state/navigation';
import './drift-items.css';

const kinds: Readonly<Record<DriftItem['kind'], string>> = {
  line: 'Line at Stripe',
  movement: 'Movement',
  entry: 'Ledger entry',
};

/** What explains an amount: each named, with its amount, leading to where it is shown. */
export function DriftItems({ items, currency }: { readonly items: readonly DriftItem[]; readonly currency: string }) {
  return (
    <ul className="drift-items">
      {items.map((item) => (
        <li key={`${item.kind} ${item.reference}`}>
          <span>
            {kinds[item.kind]}{' '}
            <AriaButton className="screen-link" onPress={() => navigateTo(item.screen)}>
              {item.reference}
            </AriaButton>{' '}
            of {instantText(item.at)}, <Amount value={item.amount} currency={currency} showCurrency />.{' '}
            {item.description}
            {item.kind === 'line' && <span className="muted"> · {explanation(item)}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function explanation({ resolvedAt, resolvedBy }: DriftItem): string {
  if (resolvedAt === null) return 'Not explained yet.';
  return `Explained ${instantText(resolvedAt)}${resolvedBy === null ? '' : ` by ${resolvedBy}`}.`;
}

interface DriftHistoryProps {
  readonly changes: readonly DriftChange[];
  readonly currency: string;
  readonly onChoose: (at: string) => void;
}

/** When the unexplained part of the difference changed, and what explained it; nothing when it never did. */
export function DriftHistory({ changes, currency, onChoose }: DriftHistoryProps) {
  if (changes.length === 0) return null;
  const code = currency.toUpperCase();
  return (
    <section className="drift-history">
      <h3>Changes of what is unexplained</h3>
      <SimpleTable
        caption={`Readings at which the unexplained part changed in ${code}, newest first`}
        rows={changes}
        rowKey={(change) => change.at}
        columns={[
          { id: 'at', header: 'Read at', cell: (change) => <ReadingLink at={change.at} onChoose={onChoose} /> },
          {
            id: 'before',
            header: `Before ${code}`,
            align: 'end',
            cell: (change) => <AmountCell value={change.before} currency={currency} />,
          },
          {
            id: 'unexplained',
            header: `Unexplained ${code}`,
            align: 'end',
            cell: (change) => <AmountCell value={change.unexplained} currency={currency} />,
          },
          {
            id: 'items',
            header: 'Because of',
            cell: (change) =>
              change.items.length === 0 ? (
                <span className="muted">Nothing has explained it yet.</span>
              ) : (
                <DriftItems items={change.items} currency={currency} />
              ),
          },
        ]}
      />
    </section>
  );
}

/** The time of a reading; opens the equation as it stood then. */
export function ReadingLink({ at, onChoose }: { readonly at: string; readonly onChoose: (at: string) => void }) {
  return (
    <AriaButton className="screen-link reading-link" onPress={() => onChoose(at)}>
      {instantText(at)}
      <span className="visually-hidden">, opens the equation as it stood</span>
    </AriaButton>
  );
}
