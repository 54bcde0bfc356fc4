import type { ChannelName } from '../../../shared/contract';
import type { AppLock } from '../people/app-lock';
import type { ShellHandlers } from '../service-host';

export function lockHandlers(lock: AppLock): Pick<ShellHandlers, Extract<ChannelName, `lock.${string}`>> {
  return {
    'lock.status': () => lock.status(),
    'lock.setPassphrase': ({ next, current }) => lock.setPassphrase(next, current),
    'lock.unlock': ({ passphrase }) => lock.unlock(passphrase),
    'lock.now': () => lock.lock(),
    'lock.setRole': ({ role, passphrase }) => lock.setRole(role, passphrase),
  };
}
