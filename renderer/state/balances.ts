import { create } from 'zustand';
import type { BalancesOverview, FailureView } from '../../shared/contract';
import { call, on } from './coffer';

interface Balances {
  readonly overview: BalancesOverview | undefined;
  readonly error: FailureView | undefined;
  readonly refreshing: boolean;
  /** The currency that the person looks at; kept between screens. */
  readonly currency: string | undefined;
  choose(currency: string): void;
  /** The last reading, from the store of this machine. */
  load(): Promise<void>;
  /** A new reading from Stripe. */
  refresh(): Promise<void>;
}

export const useBalances = create<Balances>((set) => ({
  overview: undefined,
  error: undefined,
  refreshing: false,
  currency: undefined,
  choose: (currency) => set({ currency }),
  load: async () => {
    const result = await call('balances.overview');
    set(result.ok ? { overview: result.value, error: undefined } : { error: result.error });
  },
  refresh: async () => {
    set({ refreshing: true });
    const result = await call('balances.refresh');
    set(
      result.ok
        ? { overview: result.value, error: undefined, refreshing: false }
        : { error: result.error, refreshing: false },
    );
  },
}));

/** Connects the balances to the pushed events; call once. Returns the function that disconnects them. */
export function connectBalances(): () => void {
  const ends = [
    on('balances.changed', (overview) => useBalances.setState({ overview, error: undefined })),
    on('data.changed', () => void useBalances.getState().load()),
  ];
  void useBalances.getState().load();
  return () => {
    for (const end of ends) end();
  };
}
