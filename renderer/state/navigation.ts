import { create } from 'zustand';

export const screenNames = [
  'balances',
  'migration',
  'month-end',
  'payouts',
  'creators',
  'subscribers',
  'reconciliation',
  'audit',
  'revenue',
  'settings',
  'guide',
] as const;
export type ScreenName = (typeof screenNames)[number];

export const screenTitles: Readonly<Record<ScreenName, string>> = {
  balances: 'Balances',
  migration: 'Migration',
  'month-end': 'Month end',
  payouts: 'Payouts',
  creators: 'Creators',
  subscribers: 'Subscribers',
  reconciliation: 'Reconciliation',
  audit: 'Audit & exports',
  revenue: 'Revenue',
  settings: 'Settings',
  guide: 'Guide',
};

/** Small text parameters of a screen: `{ period: '2026-10' }`, `{ creatorId: 'cr_0041' }`. */
export type Params = Readonly<Record<string, string>>;

export interface Place {
  readonly screen: ScreenName;
  readonly params: Params;
}

interface Navigation {
  readonly place: Place;
  readonly past: readonly Place[];
  readonly future: readonly Place[];
  go(screen: ScreenName, params?: Params): void;
  /** Changes parameters of the present screen without a new step in the history. */
  setParams(params: Params): void;
  back(): void;
  forward(): void;
}

const historyLimit = 100;

export const useNavigation = create<Navigation>((set) => ({
  place: { screen: 'balances', params: {} },
  past: [],
  future: [],
  go: (screen, params = {}) =>
    set(({ place, past }) =>
      place.screen === screen && JSON.stringify(place.params) === JSON.stringify(params)
        ? {}
        : { place: { screen, params }, past: [...past, place].slice(-historyLimit), future: [] },
    ),
  setParams: (params) => set(({ place }) => ({ place: { ...place, params } })),
  back: () =>
    set(({ place, past, future }) => {
      const previous = past.at(-1);
      return previous === undefined ? {} : { place: previous, past: past.slice(0, -1), future: [place, ...future] };
    }),
  forward: () =>
    set(({ place, past, future }) => {
      const [next, ...rest] = future;
      return next === undefined ? {} : { place: next, past: [...past, place], future: rest };
    }),
}));

/** Screen names that arrive as text (next action, alerts, the menu): `monthEnd`, `month-end?period=2026-10`, `audit`. */
export function parsePlace(text: string): Place | undefined {
  const [name = '', query = ''] = text.replace(/^#?\/?/, '').split('?');
  const kebab = name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
  const screen = screenNames.find((known) => known === kebab);
  return screen === undefined ? undefined : { screen, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** Goes to a screen named by text; an unknown name goes nowhere. */
export function navigateTo(text: string): void {
  const place = parsePlace(text);
  if (place !== undefined) useNavigation.getState().go(place.screen, place.params);
}
