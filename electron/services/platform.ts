/**
 * Opens one platform: its store, its connection to Stripe and the context that every service works with. The same for the app and
 * for the command line.
 */
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CofferError } from '../../shared/domain/coffer-error';
import { appendAudit } from '../journal/audit-chain';
import { isOlderThanNoted, noteHead } from '../journal/head';
import { markInterrupted } from '../journal/movement';
import { mustCompare, writeRestored } from '../journal/restored';
import { createSigner, newSigningKey, type Signer } from '../journal/signing';
import { timeOrderedId } from '../journal/time-ordered-id';
import { createRail, RAILS } from '../rails';
import { CONNECTING, NOT_CONFIGURED, NoConnectionRail } from '../rails/no-connection';
import type { SegregationRail } from '../rails/segregation-rail';
import { openStore, type Store } from '../store/store';
import { lockStore } from '../store/store-lock';
import type { StripeClient } from '../stripe/client';
import { parseStripeKey } from '../stripe/key';
import { createLimiter, LIMITS, type Limits } from '../stripe/limiter';
import { StripeUnavailable } from '../stripe/problem';
import { copyCheckpoints, setAsideMisfits } from './audit-checkpoints';
import type { GuidedMove, ServiceContext } from './context';
import { finishRestore } from './restore';
import { readBooksMode, readSettings, readStripeAccount, writeBooksMode, writeStripeAccount } from './settings';
import { readStorageAccount } from './storage-account';
import { endWorker, giveWorker } from './worker/store-worker';

/** A local server has no limit of its own unless it answers 429, which the limiter learns from. */
const LOCAL_LIMITS: Limits = { perSecond: 2_000, perEndpoint: 2_000, concurrency: 32 };

/** The built file of services/worker/worker.ts, and from how many rows on it is worth starting. */
export interface Worker {
  readonly entry: URL;
  readonly fromRows?: number;
}

export interface PlatformOptions {
  readonly storePath: string;
  readonly mode: 'sandbox' | 'test' | 'live';
  /** A local server instead of Stripe, perhaps one that is still starting: asked for at every connection. */
  readonly baseUrl: string | null | (() => Promise<string>);
  /** The books open without waiting for Stripe; whoever opens them calls `connect`. */
  readonly connectLater?: boolean;
  /** The key of this mode, asked for at every connection; null when there is none. */
  readonly key: () => Promise<string | null>;
  readonly actor: () => string;
  readonly publish: ServiceContext['publish'];
  readonly playGuided?: ((move: GuidedMove) => Promise<void>) | null;
  readonly now?: () => Date;
  readonly newId?: () => string;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly checkpoint?: (label: string) => Promise<void>;
  /** Where heavy work is done beside the main loop; without one it is done on the spot, as on the command line, where nothing waits. */
  readonly worker?: Worker;
  /** Without one, the audit log is signed with a key of this process that nobody keeps. */
  readonly signer?: () => Promise<Signer>;
}

export interface Platform {
  readonly store: Store;
  readonly context: ServiceContext;
  /** Connects again, with the key and rail of now. Returns false when Stripe cannot be reached or there is no key. */
  connect(): Promise<boolean>;
  /** How many movements were under way when the process ended the last time. */
  readonly interrupted: number;
  close(): Promise<void>;
}

/** Opens the store and marks interrupted movements unknown; the connection is made when it can be. */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const lock = await lockStore(options.storePath);
  let store: Store;
  try {
    finishRestore(options.storePath);
    store = openStore(options.storePath);
    await claimBooks(store, options);
  } catch (error) {
    await lock.release();
    throw error;
  }
  if (options.worker !== undefined) giveWorker(store, options.worker.entry, options.worker.fromRows);
  const settings = await readSettings(store.db);
  let rail: SegregationRail = new NoConnectionRail(RAILS[settings.rail], CONNECTING);
  let client: StripeClient | null = null;
  let sessionSigner: Signer | null = null;
  const now = options.now ?? (() => new Date());
  const sleep = options.sleep ?? ((ms: number) => delay(ms));

  const context: ServiceContext = {
    store,
    get rail() {
      return rail;
    },
    mode: options.mode,
    now,
    stripeNow: () => new Date(now().getTime() + (client?.clockSkewMs() ?? 0)),
    newId: options.newId ?? timeOrderedId,
    actor: options.actor,
    checkpoint: options.checkpoint ?? (async () => {}),
    sleep,
    publish: options.publish,
    playGuided: options.playGuided ?? null,
    signer:
      options.signer ??
      (async () => {
        sessionSigner ??= createSigner(newSigningKey(), 'session');
        return sessionSigner;
      }),
    ownAuditKey: async () => {
      const signer = await options.signer?.();
      return signer?.storage === 'keychain' ? signer.publicKey : null;
    },
    checkpointFolder: options.storePath === ':memory:' ? null : join(dirname(options.storePath), 'checkpoints'),
  };

  const connect = async (): Promise<boolean> => {
    const { rail: name } = await readSettings(store.db);
    const key = await options.key();
    const baseUrl = typeof options.baseUrl === 'function' ? await options.baseUrl() : options.baseUrl;
    // Stripe's package is a quarter of the services' code, and nothing that the books are opened with.
    const { createStripeClient } = await import('../stripe/client');
    client?.close();
    client = null;
    if (key === null) {
      rail = new NoConnectionRail(RAILS[name], NOT_CONFIGURED);
      return false;
    }
    refuseOtherMode(key, options.mode);
    client = createStripeClient({
      key,
      ...(baseUrl === null ? {} : { baseUrl }),
      limiter: createLimiter({
        limits: baseUrl === null ? LIMITS[options.mode === 'live' ? 'live' : 'test'] : LOCAL_LIMITS,
        now: () => performance.now(),
        sleep,
      }),
      now: () => now().getTime(),
      sleep,
    });
    try {
      rail = await createRail(name, client, { storageAccount: await readStorageAccount(store.db) });
      await noteAccount(store, rail);
      return true;
    } catch (error) {
      if (!(error instanceof StripeUnavailable)) throw error;
      rail = new NoConnectionRail(RAILS[name], error.problem);
      return false;
    }
  };

  if (options.connectLater !== true) await connect();
  const interrupted = await markInterrupted(context);
  await copyCheckpoints(context);
  return {
    store,
    context,
    connect,
    interrupted,
    close: async () => {
      await endWorker(store);
      client?.close();
      await noteHead(store);
      await store.close();
      await lock.release();
    },
  };
}

/** The books of one mode are never opened in another; books that lost what was noted of them have to be compared with Stripe. */
async function claimBooks(store: Store, options: PlatformOptions): Promise<void> {
  const mode = await readBooksMode(store.db);
  if (mode !== null && mode !== options.mode) {
    await store.close();
    throw new CofferError(
      'store-other-mode',
      `These are the books of ${mode}; they cannot be opened in ${options.mode}.`,
      `Put the ${options.mode} books back, or restore one of their backups.`,
    );
  }
  if (mode === null) await store.transaction((tx) => writeBooksMode(tx, options.mode));
  const restored = await mustCompare(store.db);
  if (restored?.superseded != null) {
    await setAsideMisfits(
      store.db,
      join(dirname(store.path), 'checkpoints'),
      join(dirname(restored.superseded), 'checkpoints'),
    );
  }
  if (!(await isOlderThanNoted(store))) return;
  const at = options.now?.() ?? new Date();
  const actor = options.actor();
  await store.transaction(async (tx) => {
    const last = await tx.selectFrom('audit_event').select('at').orderBy('seq', 'desc').limit(1).executeTakeFirst();
    const file = basename(store.path);
    await writeRestored(tx, {
      at: at.toISOString(),
      by: actor,
      cause: 'found-older',
      file,
      knownUntil: last?.at ?? null,
      superseded: null,
      comparedAt: null,
      open: [],
    });
    await appendAudit(tx, {
      at,
      actor,
      action: 'store.found-older',
      subject: file,
      payload: { lastEventAt: last?.at ?? null },
    });
  });
  await noteHead(store);
}

/** Written once: backups carry it, so that books of another account are never put in place of these. */
async function noteAccount(store: Store, rail: SegregationRail): Promise<void> {
  if ((await readStripeAccount(store.db)) !== null) return;
  const account = await rail.account().catch((error: unknown) => {
    if (error instanceof StripeUnavailable) return null;
    throw error;
  });
  if (account !== null) await store.transaction((tx) => writeStripeAccount(tx, account));
}

/** Books of one mode are never opened with a key of another; it is checked where the key is kept, and here again where it is used. */
function refuseOtherMode(key: string, mode: PlatformOptions['mode']): void {
  const live = parseStripeKey(key)?.mode === 'live';
  if (live === (mode === 'live')) return;
  throw new CofferError(
    'key-other-mode',
    live ? `A live key was refused for the books of ${mode} mode.` : 'A test key was refused for the live books.',
    'Enter the key of this mode under Settings → Stripe connection.',
  );
}
