/**
 * The IPC contract: every channel between renderer and main with the schemas of both directions.
 * Main registers handlers for exactly these; the preload exposes exactly these.
 */
import type { z } from 'zod';
import { appChannels } from './app';
import { approvalChannels } from './approvals';
import { backupsChannels } from './backups';
import { balancesChannels } from './balances';
import type { Result } from './channel';
import { dataChannels } from './data';
import { dataSourceChannels } from './data-source';
import type { EventName, EventPayload } from './events';
import { lockChannels } from './lock';
import { migrationChannels } from './migration';
import { monthEndChannels } from './month-end';
import { payoutsChannels } from './payouts';
import { peopleChannels } from './people';
import { proofChannels } from './proof';
import { revenueChannels } from './revenue';
import { sandboxChannels } from './sandbox';
import { scheduleChannels } from './schedule';
import { secretsChannels } from './secrets';
import { settingsChannels } from './settings';

export const contract = {
  ...appChannels,
  ...approvalChannels,
  ...lockChannels,
  ...secretsChannels,
  ...settingsChannels,
  ...backupsChannels,
  ...balancesChannels,
  ...dataChannels,
  ...dataSourceChannels,
  ...migrationChannels,
  ...monthEndChannels,
  ...payoutsChannels,
  ...peopleChannels,
  ...proofChannels,
  ...revenueChannels,
  ...sandboxChannels,
  ...scheduleChannels,
} as const;

export type Contract = typeof contract;
export type ChannelName = keyof Contract;
export type Args<C extends ChannelName> = z.infer<Contract[C]['args']>;
export type Reply<C extends ChannelName> = z.infer<Contract[C]['reply']>;

/** What each channel's handler does in main. */
export type Handlers = { readonly [C in ChannelName]: (args: Args<C>) => Promise<Reply<C>> };

/** The frozen object that the preload exposes as `window.coffer`. */
export interface CofferApi {
  call<C extends ChannelName>(channel: C, args: Args<C>): Promise<Result<Reply<C>>>;
  /** Subscribes; returns the function that ends the subscription. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
}

export * from './app';
export * from './approvals';
export * from './backups';
export * from './balances';
export * from './channel';
export * from './data';
export * from './data-source';
export * from './events';
export * from './lock';
export * from './migration';
export * from './month-end';
export * from './payouts';
export type {
  AllocationTrail,
  CreatorRow,
  CreatorStatement,
  EarningRow,
  EarningsForUser,
  SubscriberRow,
  SubscriberStatement,
} from './people';
export {
  allocationTrail,
  creatorRow,
  creatorStatement,
  earningRow,
  earningsForUser,
  subscriberRow,
  subscriberStatement,
  suspenseRow,
} from './people';
export * from './proof';
export * from './revenue';
export * from './sandbox';
export * from './schedule';
export * from './secrets';
export * from './settings';
