import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import './segmented.css';

export interface CurrencyTabsProps {
  /** Lower-case codes. */
  readonly currencies: readonly string[];
  readonly selected: string;
  readonly onSelect: (currency: string) => void;
}

/** Chooses the currency of a screen. With one currency it is a plain label: there is nothing to choose. */
export function CurrencyTabs({ currencies, selected, onSelect }: CurrencyTabsProps) {
  if (currencies.length <= 1) return <span className="segmented-single">{selected.toUpperCase()}</span>;
  return (
    <Segmented
      label="Currency"
      options={currencies.map((code) => ({ id: code, label: code.toUpperCase() }))}
      selected={selected}
      onSelect={onSelect}
    />
  );
}

export interface SegmentedProps {
  readonly label: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly selected: string;
  readonly onSelect: (id: string) => void;
}

/** A small choice of two to six, all visible: ranges, chart or table, filters. */
export function Segmented({ label, options, selected, onSelect }: SegmentedProps) {
  return (
    <ToggleButtonGroup
      className="segmented"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[selected]}
      onSelectionChange={(keys) => {
        const [key] = keys;
        if (key !== undefined) onSelect(String(key));
      }}
    >
      {options.map((option) => (
        <ToggleButton key={option.id} id={option.id} className="segmented-option">
          {option.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
