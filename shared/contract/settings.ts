import { z } from 'zod';
import { channel, currencyCode, minor, nothing } from './channel';

export const railName = z.enum(['financial-account', 'earmark']);
export type RailName = z.infer<typeof railName>;
export const fundingBasis = z.enum(['net', 'gross']);
export type FundingBasis = z.infer<typeof fundingBasis>;

export const settingsView = z.strictObject({
  feeBps: z.int().min(0).max(10_000),
  /** Smallest payout per currency, in minor units; a currency that is not named has no minimum. */
  payoutMinimum: z.record(currencyCode, minor),
  /** Payouts of a month above this need a second person, in minor units; one that is not named needs it for every amount, unless none is named. */
  approvalLimit: z.record(currencyCode, minor),
  fundingBasis,
  rail: railName,
  /** Largest single operation of a migration after the canary, in minor units of each currency. */
  migrationChunk: minor,
  /** Minutes between two readings of the balances. */
  pollMinutes: z.int().min(1).max(1440),
  theme: z.enum(['system', 'light', 'dark']),
});
export type SettingsView = z.infer<typeof settingsView>;

export const railView = z.strictObject({
  name: railName,
  title: z.string(),
  description: z.string(),
  segregatedAtStripe: z.boolean(),
  hasStorageAccount: z.boolean(),
  releaseByApi: z.boolean(),
});

export const storageAccountsView = z.strictObject({
  /** What a person chose; null when nobody did. */
  chosen: z.string().nullable(),
  /** The account Coffer works with; null while there are several and none is chosen, or there is none. */
  inUse: z.string().nullable(),
  accounts: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      open: z.boolean(),
      currencies: z.array(z.string()),
      balances: z.array(z.strictObject({ currency: z.string(), available: minor, inbound: minor, outbound: minor })),
    }),
  ),
});
export type StorageAccountsView = z.infer<typeof storageAccountsView>;

export const settingsChannels = {
  'settings.get': channel(nothing, z.strictObject({ settings: settingsView, rails: z.array(railView) })),
  'settings.update': channel(settingsView.partial(), settingsView),
  /** The accounts at Stripe that can be Storage. */
  'settings.storageAccounts': channel(nothing, storageAccountsView),
  /** Makes one of them Storage; refused while the present one holds money or a movement is under way. */
  'settings.chooseStorageAccount': channel(z.strictObject({ id: z.string().min(1).max(100) }), storageAccountsView),
} as const;
