import type { SandboxState } from '../state/state';
import { ApiError } from './errors';

const TEST_KEY = /^(sk|rk)_test_[A-Za-z0-9]{8,}$/;
const LIVE_KEY = /^(sk|rk)_live_/;

function unauthorized(message: string, code?: string): ApiError {
  return new ApiError(401, { type: 'invalid_request_error', ...(code === undefined ? {} : { code }), message }, false, {
    'WWW-Authenticate': 'Bearer realm="Stripe"',
  });
}

/** `sk_test_****abcd`: enough to recognise a key, too little to use it. */
export function redactKey(key: string): string {
  const prefix = /^(?:sk|rk)_(?:test|live)_/.exec(key)?.[0] ?? '';
  const rest = key.slice(prefix.length);
  return `${prefix}${'*'.repeat(Math.max(4, Math.min(rest.length - 4, 20)))}${rest.length > 4 ? rest.slice(-4) : ''}`;
}

/** The key of a request. Live keys are refused whatever they are: nothing live may ever reach the sandbox. */
export function authenticate(authorization: string | undefined): string {
  const key = keyOf(authorization);
  if (key === undefined) {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details.",
    );
  }
  if (LIVE_KEY.test(key)) {
    throw unauthorized(
      `The embedded Stripe accepts test keys only and refuses the live key ${redactKey(key)}. Roll this key if it was sent here by mistake.`,
      'livemode_mismatch',
    );
  }
  if (!TEST_KEY.test(key)) throw unauthorized(`Invalid API Key provided: ${redactKey(key)}`);
  return key;
}

function keyOf(authorization: string | undefined): string | undefined {
  const [scheme = '', value = ''] = (authorization ?? '').trim().split(/\s+/, 2);
  if (value === '') return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString('utf8').split(':')[0];
  return undefined;
}

/**
 * 403 when the restricted key lacks this permission: it was denied, or the key has scopes and this is none of them. A
 * scope to write includes reading, as at Stripe. Asked before the parameters are looked at.
 */
export function requirePermission(state: SandboxState, key: string, permission: string): void {
  const restriction = state.restrictions.get(key);
  if (restriction === undefined) return;
  const { denied, granted } = restriction;
  const scoped =
    granted === null || granted.includes(permission) || granted.includes(permission.replace(/_read$/, '_write'));
  if (scoped && !denied.includes(permission)) return;
  throw new ApiError(
    403,
    {
      type: 'invalid_request_error',
      message:
        `The provided key '${redactKey(key)}' does not have the required permissions for this endpoint on account ` +
        `'${state.platform.account}'. Having the '${permission}' permission would allow this request to continue.`,
    },
    false,
  );
}
