import type { Route } from '../http/context';
import { accountRoutes } from './accounts';
import { balanceRoutes } from './balance';
import { eventRoutes } from './events';
import { paymentRoutes } from './payments';
import { payoutRoutes } from './payouts';
import { storageRoutes } from './storage';
import { transferRoutes } from './transfers';

export const routes: readonly Route[] = [
  ...accountRoutes,
  ...balanceRoutes,
  ...eventRoutes,
  ...paymentRoutes,
  ...payoutRoutes,
  ...storageRoutes,
  ...transferRoutes,
];
