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
  releaseByApi: z.boolean(),
});

export const settingsChannels = {
  'settings.get': channel(nothing, z.strictObject({ settings: settingsView, rails: z.array(railView) })),
  'settings.update': channel(settingsView.partial(), settingsView),
} as const;
