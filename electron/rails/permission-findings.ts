import type { StripeClient } from '../stripe/client';
import { permissionsOf } from '../stripe/permissions';
import type { RailFinding, RailName } from './segregation-rail';

/** Only restricted keys lack permissions; a secret key has them all. Throws `StripeUnavailable`. */
export async function permissionFindings(client: StripeClient, rail: RailName): Promise<RailFinding[]> {
  const title = 'Permissions of the key';
  const code = 'permissions';
  if (client.keyKind === 'secret') {
    return [
      {
        code,
        outcome: 'pass',
        title,
        detail: 'A secret key may do everything; a restricted key does with less.',
        action: '',
      },
    ];
  }
  const refused = (await permissionsOf(client, rail)).filter((permission) => permission.access === 'refused');
  if (refused.length === 0) {
    return [{ code, outcome: 'pass', title, detail: 'The key may do everything that is needed.', action: '' }];
  }
  return refused.map((permission) => ({
    code: 'permission-missing',
    outcome: 'blocker',
    title,
    detail: `The key lacks the permission ${permission.resource}. ${permission.meaning}`,
    action: 'Grant it in the Stripe dashboard under Developers → API keys, on this restricted key.',
  }));
}
