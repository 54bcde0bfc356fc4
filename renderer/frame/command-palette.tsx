import { useEffect } from 'react';
import {
  Autocomplete,
  Dialog,
  Input,
  Label,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
  useFilter,
} from 'react-aria-components';
import { create } from 'zustand';
import { useBalances } from '../state/balances';
import { type ScreenName, screenNames, screenTitles, useNavigation } from '../state/navigation';
import { screenIcons } from './navigation-rail';

const usePalette = create<{ isOpen: boolean }>(() => ({ isOpen: false }));

export function openPalette(): void {
  usePalette.setState({ isOpen: true });
}

const refreshId = 'refresh-balances';

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

/** Ctrl+K or Cmd+K: type a few letters, Enter goes there. */
export function CommandPalette() {
  const isOpen = usePalette((palette) => palette.isOpen);
  const go = useNavigation((navigation) => navigation.go);
  const { contains } = useFilter({ sensitivity: 'base' });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        usePalette.setState(({ isOpen: open }) => ({ isOpen: !open }));
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const run = (id: string) => {
    usePalette.setState({ isOpen: false });
    if (id === refreshId) void useBalances.getState().refresh();
    const screen = screenNames.find((name) => name === id);
    if (screen !== undefined) go(screen);
  };

  return (
    <ModalOverlay
      className="scrim palette-scrim"
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => usePalette.setState({ isOpen: open })}
    >
      <Modal className="palette">
        <Dialog className="dialog" aria-label="Go to">
          <Autocomplete filter={contains}>
            <SearchField className="palette-search" autoFocus>
              <Label className="visually-hidden">Go to a screen</Label>
              <Input className="palette-input" placeholder="Go to a screen…" />
            </SearchField>
            <Menu
              className="palette-list"
              aria-label="Screens"
              renderEmptyState={() => (
                <p className="palette-empty">No screen of this name. Creators are searched on their own screen.</p>
              )}
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
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
