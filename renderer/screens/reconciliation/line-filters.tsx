import type { ReconciliationSummary } from '../../../shared/contract';
import { Segmented, SelectField } from '../../components';
import {
  classWords,
  type LineFilter,
  type Outcome,
  outcomes,
  owners,
  parseClass,
  parseOutcome,
  parseOwner,
} from './outcome';

interface LineFiltersProps {
  readonly summary: ReconciliationSummary | undefined;
  readonly filter: LineFilter;
  readonly onFilter: (filter: LineFilter) => void;
}

const every = 'every';

/** Outcome, class and owner; a class or an owner is one of exceptions. */
export function LineFilters({ summary, filter, onFilter }: LineFiltersProps) {
  const { counts, classes = [] } = summary ?? {};
  const label = (one: Outcome) =>
    counts === undefined ? outcomes[one].word : `${outcomes[one].word} ${counts[one].toLocaleString('en')}`;
  const open = new Map(classes.map((one) => [one.class, one.open]));
  const exceptions = filter.outcome === undefined || filter.outcome === 'exception';
  return (
    <>
      <Segmented
        label="Outcome"
        selected={filter.outcome ?? every}
        onSelect={(id) => {
          const outcome = parseOutcome(id);
          const keeps = outcome === undefined || outcome === 'exception';
          onFilter({
            outcome,
            class: keeps ? filter.class : undefined,
            owner: keeps ? filter.owner : undefined,
          });
        }}
        options={[
          { id: every, label: 'All' },
          ...(Object.keys(outcomes) as Outcome[]).map((one) => ({ id: one, label: label(one) })),
        ]}
      />
      <SelectField
        label="Class of exception"
        hideLabel
        isDisabled={!exceptions}
        value={filter.class ?? every}
        onChange={(id) => onFilter({ ...filter, class: parseClass(id) })}
        options={[
          { id: every, label: 'Class' },
          ...Object.entries(classWords).map(([id, words]) => {
            const count = open.get(id as keyof typeof classWords);
            return { id, label: count === undefined ? words : `${words} (${count.toLocaleString('en')} open)` };
          }),
        ]}
      />
      <SelectField
        label="Owner of exception"
        hideLabel
        isDisabled={!exceptions}
        value={filter.owner ?? every}
        onChange={(id) => onFilter({ ...filter, owner: parseOwner(id) })}
        options={[
          { id: every, label: 'Owner' },
          ...Object.entries(owners).map(([id, words]) => ({ id, label: words })),
        ]}
      />
      {counts !== undefined && counts.resolved > 0 && (
        <span className="muted">{counts.resolved.toLocaleString('en')} explained</span>
      )}
    </>
  );
}
