import { type ComponentType, lazy } from 'react';
import type { ScreenName } from '../state/navigation';

/** The component of each screen; each is its own chunk. A screen is a folder with a default export. */
export const screens: Readonly<Record<ScreenName, ComponentType>> = {
  balances: lazy(() => import('./balances')),
  migration: lazy(() => import('./migration')),
  'month-end': lazy(() => import('./month-end')),
  payouts: lazy(() => import('./payouts')),
  creators: lazy(() => import('./creators')),
  subscribers: lazy(() => import('./subscribers')),
  reconciliation: lazy(() => import('./reconciliation')),
  audit: lazy(() => import('./audit')),
  revenue: lazy(() => import('./revenue')),
  settings: lazy(() => import('./settings')),
  guide: lazy(() => import('./guide')),
};
