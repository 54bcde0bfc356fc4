import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { PayoutStatus, Reply } from '../../../shared/contract';
import { Amount, amountsText, counted, payoutWords, StatusShape, type Sum } from '../../components';
import './status-filter.css';

export type Counts = Reply<'payouts.list'>['counts'];

const all = 'all';

interface StatusFilterProps {
  readonly counts: Counts;
  /** Each obligation once, in alphabetical order of the currencies. */
  readonly totals: readonly Sum[];
  readonly selected: PayoutStatus | undefined;
  readonly onSelect: (status: PayoutStatus | undefined) => void;
}

/** How many payouts are in each status and their sums; choosing one filters the table. The sum of all has each obligation once. */
export function StatusFilter({ counts, totals, selected, onSelect }: StatusFilterProps) {
  const statuses = (Object.keys(payoutWords) as PayoutStatus[]).filter(
    (status) => status === selected || counts.some((one) => one.status === status && one.count > 0),
  );
  const inAll = (sums: readonly { readonly count: number }[]) => sums.reduce((sum, one) => sum + one.count, 0);
  const repeated = inAll(counts) - inAll(totals);
  return (
    <ToggleButtonGroup
      className="status-filter"
      aria-label="Status"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[selected ?? all]}
      onSelectionChange={(keys) => {
        const [key] = keys;
        onSelect(statuses.find((status) => status === key));
      }}
    >
      <Option
        id={all}
        counts={totals}
        {...(repeated === 0 ? {} : { note: `${counted(repeated, 'earlier attempt')} left out` })}
      />
      {statuses.map((status) => (
        <Option key={status} id={status} status={status} counts={counts.filter((one) => one.status === status)} />
      ))}
    </ToggleButtonGroup>
  );
}

interface OptionProps {
  readonly id: string;
  readonly status?: PayoutStatus;
  readonly counts: readonly { readonly currency: string; readonly count: number; readonly amount: string }[];
  readonly note?: string;
}

function Option({ id, status, counts, note }: OptionProps) {
  const count = counts.reduce((sum, one) => sum + one.count, 0);
  const { tone, word } = status === undefined ? { tone: undefined, word: 'All' } : payoutWords[status];
  return (
    <ToggleButton
      id={id}
      className="status-filter-option"
      aria-label={`${word}: ${count.toLocaleString('en')}, ${amountsText(counts, 'none')}${note === undefined ? '' : `. ${note}`}`}
    >
      <span className={tone === undefined ? 'status-filter-word' : `status-filter-word tone-${tone}`}>
        {tone !== undefined && <StatusShape tone={tone} />}
        {word}
        <span className="status-filter-count">{count.toLocaleString('en')}</span>
      </span>
      {counts.map((one) => (
        <Amount key={one.currency} value={one.amount} currency={one.currency} size="small" showCurrency />
      ))}
      {note !== undefined && <span className="status-filter-note">{note}</span>}
      {counts.length === 0 && <span className="muted">none</span>}
    </ToggleButton>
  );
}
