import { type ComponentType, lazy } from 'react';
import type { ScreenName } from '../state/navigation';
import Balances from './balances';

/** The component of each screen; each but the first is its own chunk. A screen is a folder with a default export. */
export const screens: Readonly<Record<ScreenName, ComponentType>> = {
  balances: Balances,
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
