/** Keys come in and never go out: nothing here answers with a secret. */
import type { ChannelName, ConnectionReport, RailName } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';
import type { SecretStore } from '../../keychain/secret-store';
import { readStripeKey, restrictedIsBetter } from '../../keychain/stripe-key';
import type { ShellHandlers } from '../service-host';

/** Asks Stripe who the key belongs to and what it may do. Answers, and does not throw, when Stripe refuses or is away. */
export type TestConnection = (
  key: string,
  rail: RailName | undefined,
  allowUnrestricted: boolean,
) => Promise<ConnectionReport>;

export interface SecretsHandlerParts {
  readonly secrets: SecretStore;
  readonly testConnection: TestConnection;
  readonly refuseLive: () => void;
  /** Why an unrestricted live key was insisted on; null while there is none. It goes into the log of the live books. */
  readonly unrestricted: () => string | null;
  readonly noteUnrestricted: (reason: string | null) => Promise<void>;
}

export function secretsHandlers({
  secrets,
  testConnection,
  refuseLive,
  unrestricted,
  noteUnrestricted,
}: SecretsHandlerParts): Pick<ShellHandlers, Extract<ChannelName, `secrets.${string}`>> {
  return {
    'secrets.status': () => secrets.status(),

    'secrets.set': async ({ key: pasted, sessionOnly, rail, unrestrictedReason }) => {
      const key = readStripeKey(pasted, unrestrictedReason);
      if (key.mode === 'live') refuseLive();
      if (!sessionOnly) await secrets.assertCanSave();
      const report = await testConnection(key.key, rail, unrestrictedReason !== undefined);
      if (!report.ok) return { stored: false, report };
      if (report.mode !== key.mode) throw new Error(`a ${key.mode} key was answered as ${report.mode}`);
      if (key.mode === 'live') await noteUnrestricted(key.kind === 'secret' ? (unrestrictedReason ?? null) : null);
      await secrets.setStripeKey(key, sessionOnly);
      const hint = key.kind === 'secret' ? [report.hint, restrictedIsBetter].filter(Boolean).join(' ') : report.hint;
      return { stored: true, report: { ...report, hint } };
    },

    'secrets.clear': async ({ mode }) => {
      await secrets.clearStripeKey(mode);
      return null;
    },

    'secrets.test': async ({ mode, rail }) => {
      if (mode === 'live') refuseLive();
      const key = await secrets.stripeKey(mode);
      if (key !== null) return testConnection(key, rail, unrestricted() !== null);
      if (mode !== 'sandbox') await secrets.assertCanSave();
      throw mode === 'sandbox'
        ? new CofferError('sandbox-needs-no-key', 'The sandbox has its own Stripe and needs no key.', 'Nothing to do.')
        : new CofferError('no-key', `There is no Stripe key for ${mode} mode.`, 'Enter one under Settings → Stripe.');
    },
  };
}
