/** Keys come in and never go out: nothing here answers with a secret. */
import type { ChannelName, ConnectionReport, RailName } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';
import type { SecretStore } from '../../keychain/secret-store';
import { readStripeKey, restrictedIsBetter } from '../../keychain/stripe-key';
import type { ShellHandlers } from '../service-host';

/** Asks Stripe who the key belongs to and what it may do. Answers, and does not throw, when Stripe refuses or is away. */
export type TestConnection = (key: string, rail: RailName | undefined) => Promise<ConnectionReport>;

export interface SecretsHandlerParts {
  readonly secrets: SecretStore;
  readonly testConnection: TestConnection;
  readonly refuseLive: () => void;
}

export function secretsHandlers({
  secrets,
  testConnection,
  refuseLive,
}: SecretsHandlerParts): Pick<ShellHandlers, Extract<ChannelName, `secrets.${string}`>> {
  return {
    'secrets.status': () => secrets.status(),

    'secrets.set': async ({ key: pasted, sessionOnly, rail }) => {
      const key = readStripeKey(pasted);
      if (key.mode === 'live') refuseLive();
      if (!sessionOnly) await secrets.assertCanSave();
      const report = await testConnection(key.key, rail);
      if (!report.ok) return { stored: false, report };
      if (report.mode !== key.mode) throw new Error(`a ${key.mode} key was answered as ${report.mode}`);
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
      if (key !== null) return testConnection(key, rail);
      if (mode !== 'sandbox') await secrets.assertCanSave();
      throw mode === 'sandbox'
        ? new CofferError('sandbox-needs-no-key', 'The sandbox has its own Stripe and needs no key.', 'Nothing to do.')
        : new CofferError('no-key', `There is no Stripe key for ${mode} mode.`, 'Enter one under Settings → Stripe.');
    },
  };
}
