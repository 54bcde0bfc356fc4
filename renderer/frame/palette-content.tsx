import { useMemo, useState } from 'react';
import {
  Autocomplete,
  Header,
  Input,
  Label,
  Menu,
  MenuItem,
  MenuSection,
  SearchField,
  useFilter,
} from 'react-aria-components';
import type { CreatorRow } from '../../shared/contract';
import { useBalances } from '../state/balances';
import { useQuery } from '../state/coffer';
import { type ScreenName, screenNames, screenTitles, useNavigation } from '../state/navigation';
import { useSettled } from '../state/use-settled';
import { screenIcons } from './navigation-rail';

const refreshId = 'refresh-balances';
const creatorPrefix = 'creator:';
const searchAfterMs = 150;
/** One letter finds half of all creators. */
const lettersToSearch = 2;
/** Rows asked for; a creator has one for each currency. */
const rowsFound = 20;
const creatorsShown = 8;

const purposes: Readonly<Record<ScreenName, string>> = {
  balances: 'Is it all there',
  migration: 'From one mixed balance to two',
  'month-end': 'Lock, calculate, pay, close',
  payouts: 'Every payout and its status',
  creators: 'Statements of creators',
  subscribers: 'Payments and allocations of subscribers',
  reconciliation: 'Stripe against the ledger',
  audit: 'Log, exports, binder',
  revenue: 'Twelve months, safe to withdraw',
  settings: 'Connection, policy, data, appearance',
  guide: 'How it works',
};

/** Creators by name, e-mail, id or account, each once. */
function useCreatorsFound(typed: string): readonly CreatorRow[] {
  const search = useSettled(typed.trim(), searchAfterMs);
  const enabled = search.length >= lettersToSearch;
  const { value, stale } = useQuery('creators.list', { offset: 0, limit: rowsFound, search }, { enabled });
  return useMemo(() => {
    if (!enabled || stale || value === undefined) return [];
    const each = new Map(value.rows.map((row) => [row.creatorId, row]));
    return [...each.values()].slice(0, creatorsShown);
  }, [enabled, stale, value]);
}

/** What one can go to, by the letters typed. */
export function PaletteContent({ onGone }: { readonly onGone: () => void }) {
  const go = useNavigation((navigation) => navigation.go);
  const [typed, setTyped] = useState('');
  const creators = useCreatorsFound(typed);
  const { contains } = useFilter({ sensitivity: 'base' });
  const CreatorIcon = screenIcons.creators;
  const run = (id: string) => {
    onGone();
    if (id === refreshId) void useBalances.getState().refresh();
    if (id.startsWith(creatorPrefix)) go('creators', { creatorId: id.slice(creatorPrefix.length) });
    const screen = screenNames.find((name) => name === id);
    if (screen !== undefined) go(screen);
  };
  return (
    <Autocomplete filter={contains} inputValue={typed} onInputChange={setTyped}>
      <SearchField className="palette-search" autoFocus>
        <Label className="visually-hidden">Go to a screen or a creator</Label>
        <Input className="palette-input" placeholder="Go to a screen or a creator…" />
      </SearchField>
      <Menu
        className="palette-list"
        aria-label="Screens and creators"
        renderEmptyState={() => <p className="palette-empty">No screen or creator of this name.</p>}
        onAction={(key) => run(String(key))}
      >
        {screenNames.map((name) => {
          const Icon = screenIcons[name];
          const text = `${screenTitles[name]} ${purposes[name]}`;
          return (
            <MenuItem key={name} id={name} textValue={text} className="palette-item">
              <Icon size={15} aria-hidden="true" />
              <span>{screenTitles[name]}</span>
              <span className="palette-purpose">{purposes[name]}</span>
            </MenuItem>
          );
        })}
        <MenuItem id={refreshId} textValue="Refresh balances from Stripe" className="palette-item">
          <span className="palette-no-icon" />
          <span>Refresh balances</span>
          <span className="palette-purpose">New reading from Stripe</span>
        </MenuItem>
        {creators.length > 0 && (
          <MenuSection>
            <Header className="palette-heading">Creators</Header>
            {creators.map((one) => (
              <MenuItem
                key={one.creatorId}
                id={`${creatorPrefix}${one.creatorId}`}
                textValue={`${one.displayName} ${one.creatorId} ${one.email} ${one.stripeAccount}`}
                className="palette-item"
              >
                <CreatorIcon size={15} aria-hidden="true" />
                <span>{one.displayName}</span>
                <span className="palette-purpose">{one.creatorId}</span>
              </MenuItem>
            ))}
          </MenuSection>
        )}
      </Menu>
    </Autocomplete>
  );
}
