import type { ConnectionReport, PermissionView } from '../../shared/contract/secrets';
import { createStripeClient, type StripeClient } from './client';
import { parseStripeKey } from './key';
import { createLimiter, LIMITS } from './limiter';
import { type Account, account, anything, financialAccount } from './objects';
import { permissionsOf } from './permissions';
import { StripeUnavailable } from './problem';

export interface ConnectionTestOptions {
  /** A local server; the mode is then `sandbox`. */
  readonly baseUrl?: string;
  readonly rail?: 'financial-account' | 'earmark';
  /** Set only when a person insisted on an unrestricted live key. */
  readonly allowLiveSecretKey?: boolean;
  readonly now?: () => number;
  readonly timeoutMs?: number;
}

const NOTHING_STORED = 'Nothing was stored.';

/**
 * Tries a key: its mode, whose account it opens, where Storage is, and what it may do. Moves nothing, stores nothing,
 * never throws for what Stripe or the network answers, and never repeats the key.
 */
export async function testConnection(key: string, options: ConnectionTestOptions = {}): Promise<ConnectionReport> {
  const parsed = parseStripeKey(key);
  const report = emptyReport(options.baseUrl === undefined ? (parsed?.mode ?? 'test') : 'sandbox');
  if (parsed === undefined) {
    return failed(
      report,
      'This is not a Stripe secret or restricted key.',
      'It starts with rk_test_, rk_live_, sk_test_ or sk_live_. Copy it whole from Developers → API keys.',
    );
  }
  if (parsed.mode === 'live' && options.baseUrl !== undefined) {
    return failed(report, 'A live key is never sent to the sandbox.', 'Use any test key for the sandbox.');
  }
  if (parsed.mode === 'live' && parsed.kind === 'secret' && options.allowLiveSecretKey !== true) {
    return failed(
      report,
      'This live key may do everything with the account.',
      'Create a restricted key (rk_live_…) with the permissions Coffer lists, and use that.',
    );
  }
  const now = options.now ?? Date.now;
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const client = createStripeClient({
    key,
    limiter: createLimiter({ limits: LIMITS[parsed.mode], now, sleep }),
    now,
    timeoutMs: options.timeoutMs ?? 15_000,
    ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
  });
  try {
    return await examine(client, options.rail ?? 'financial-account', report);
  } catch (error) {
    if (!(error instanceof StripeUnavailable)) throw error;
    return failed(report, error.problem.message, error.problem.hint);
  } finally {
    client.close();
  }
}

async function examine(
  client: StripeClient,
  rail: 'financial-account' | 'earmark',
  report: ConnectionReport,
): Promise<ConnectionReport> {
  // The balance carries `livemode`: reading it proves the mode, whatever the key looks like.
  await permitted(() => client.read('/v1/balance', {}, anything));
  const own = await permitted(() => client.read('/v1/account', {}, account));
  const permissions = await permissionsOf(client, rail);
  const storage = rail === 'financial-account' ? await permitted(() => openStorage(client)) : [];
  const known = {
    ...report,
    account: own?.id ?? null,
    accountName: own === null ? null : nameOf(own),
    storageAccount: storage?.length === 1 ? (storage[0] ?? null) : null,
    openStorageAccounts: storage?.length ?? 0,
    permissions,
  };
  const refused = permissions.filter((permission) => permission.access === 'refused');
  const unreadable = refused.filter((permission) => permission.kind === 'read');
  if (unreadable.length > 0) {
    return failed(known, `The key works, but it may not read: ${named(unreadable)}.`, `${GRANT} Then test it again.`);
  }
  const whose = known.accountName ?? known.account ?? 'Stripe';
  const hints = [...(refused.length > 0 ? [GRANT] : []), ...advice(client, rail, storage)];
  return {
    ...known,
    ok: true,
    message:
      refused.length === 0
        ? `Connected to ${whose}.`
        : `Connected to ${whose}, but the key lacks: ${named(refused)}. ${refused.map((one) => one.meaning).join(' ')}`,
    hint: hints.join(' '),
  };
}

const GRANT =
  'Grant what is refused on the restricted key in the Stripe dashboard under Developers → API keys; the key itself stays the same.';

function named(permissions: readonly PermissionView[]): string {
  return permissions.map((permission) => permission.resource).join(', ');
}

function advice(client: StripeClient, rail: string, storage: readonly string[] | null): string[] {
  const hints: string[] = [];
  if (rail === 'financial-account' && storage?.length === 0) {
    hints.push('There is no open financial account for storage yet; open one in the dashboard under Balances.');
  }
  if (storage !== null && storage.length > 1) {
    hints.push(
      'There are several financial accounts for storage; choose the one for creators’ money under Settings, Rail and policy.',
    );
  }
  if (client.keyKind === 'secret') {
    hints.push('A restricted key is safer than a secret key: it can only do what Coffer needs.');
  }
  return hints;
}

async function openStorage(client: StripeClient): Promise<string[]> {
  const ids: string[] = [];
  for await (const row of client.list('/v2/money_management/financial_accounts', {}, financialAccount)) {
    if (row.type === 'storage' && row.status === 'open') ids.push(row.id);
  }
  return ids;
}

/** Null when Stripe answered but this key may not see it, or the feature is off; the permission list says so. */
async function permitted<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StripeUnavailable)) throw error;
    const { kind } = error.problem;
    if (kind === 'permission' || kind === 'refused' || kind === 'not-found') return null;
    throw error;
  }
}

function nameOf(own: Account): string | null {
  return own.settings?.dashboard?.display_name ?? own.business_profile?.name ?? own.email ?? null;
}

function emptyReport(mode: ConnectionReport['mode']): ConnectionReport {
  return {
    ok: false,
    mode,
    account: null,
    accountName: null,
    storageAccount: null,
    openStorageAccounts: 0,
    message: '',
    hint: '',
    permissions: [],
  };
}

function failed(report: ConnectionReport, message: string, hint: string): ConnectionReport {
  return { ...report, ok: false, message: `${message} ${NOTHING_STORED}`, hint };
}
