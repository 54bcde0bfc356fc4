/**
 * The books of one mode while they are open: the platform, its monitor and polling, and starting the sandbox afresh. Handlers ask
 * here for the platform at every call, because a fresh sandbox replaces it.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { CofferError } from '../../../shared/domain/coffer-error';
import { appendAudit, eventsOf } from '../../journal/audit-chain';
import { nameKey } from '../../journal/audit-checkpoint';
import { NEVER_RESEND, resolveAllUnknown } from '../../journal/movement';
import { takeNotifications } from '../../services/alerts';
import { adoptBalances } from '../../services/balance-adoption';
import { BalanceMonitor } from '../../services/balance-monitoring';
import { LOOK_UP, RunGuard, type ServiceContext } from '../../services/context';
import { openPlatform, type Platform } from '../../services/platform';
import { DEFAULT_DATASET, seedHistory } from '../../services/sandbox-platform';
import { readSettings } from '../../services/settings';
import { type HeavyJobs, type HeavyKind, type PlainReport, runHeavy } from '../../services/worker/heavy-work';
import { type Backup, type BackupReason, backupFolder, listBackups } from '../../store/backup';
import { StoreDamaged } from '../../store/store';
import { lockStore } from '../../store/store-lock';
import type { ServiceSurroundings } from '../service-host';
import { AUDIT_KEY, signerFrom } from '../signing-keys';
import { archiveBooks, sandboxDataset } from './sandbox-folders';

/** Any well-formed test key: the embedded Stripe needs no account. */
const SANDBOX_KEY = 'sk_test_sandbox00000000000000000';
const SOON_MS = 150;
/** The first reading: after the first screen has been drawn from what the books hold. */
const FIRST_READING_MS = 1_000;
/** Two short lists; the balances are read when there is something new on them. */
const LISTEN_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

export class OpenBooks {
  readonly surroundings: ServiceSurroundings;
  readonly guard = new RunGuard();
  readonly publish: ServiceContext['publish'];
  #platform: Platform | null = null;
  #monitor: BalanceMonitor | null = null;
  #damage: StoreDamaged | null = null;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #listening: NodeJS.Timeout | undefined;
  #background: Promise<void> = Promise.resolve();
  #polling: Promise<void> = Promise.resolve();
  #connected = false;
  #connecting: Promise<void> | null = null;
  #first: Promise<void> = Promise.resolve();
  /** Grows when the key is replaced. */
  #keyTurn = 0;
  #closed = false;

  constructor(surroundings: ServiceSurroundings) {
    this.surroundings = surroundings;
    this.publish = surroundings.publish;
  }

  /** Opens the books; a sandbox that is new starts from the default dataset. */
  async open(): Promise<void> {
    const { sandbox } = this.surroundings;
    if (sandbox !== null && !existsSync(this.storePath)) {
      await this.startSandboxFromResource(DEFAULT_DATASET);
      return;
    }
    try {
      await this.#openPlatform();
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error;
      // The app opens all the same: on the page that says what is wrong and how to go on.
      this.#damage = error;
      this.surroundings.log.error('the books cannot be opened', error);
      return;
    }
    this.pollSoon(FIRST_READING_MS);
  }

  /** Why the books cannot be opened; null when they are open. */
  get damage(): StoreDamaged | null {
    return this.#damage;
  }

  /** False while they are opened, replaced or damaged. */
  get isOpen(): boolean {
    return this.#damage === null && this.#platform !== null;
  }

  platform(): Platform {
    if (this.#damage !== null) throw this.#damage;
    if (this.#platform === null)
      throw new CofferError('not-open', 'The books are being opened.', 'Wait a moment and try again.');
    return this.#platform;
  }

  monitor(): BalanceMonitor {
    if (this.#damage !== null) throw this.#damage;
    if (this.#monitor === null)
      throw new CofferError('not-open', 'The books are being opened.', 'Wait a moment and try again.');
    return this.#monitor;
  }

  get storePath(): string {
    return path.join(this.surroundings.folder, 'coffer.db');
  }

  async #openPlatform(): Promise<void> {
    const { surroundings } = this;
    const { mode, sandbox, secrets } = surroundings;
    const platform = await openPlatform({
      storePath: this.storePath,
      mode,
      baseUrl: sandbox === null ? surroundings.stripeUrl : () => sandbox.url(),
      connectLater: true,
      key: async () => (mode === 'sandbox' ? SANDBOX_KEY : secrets.stripeKey(mode)),
      actor: surroundings.operator,
      signer: signerFrom(secrets, mode, AUDIT_KEY, async (key) => {
        await this.platform().store.transaction((tx) => nameKey(tx, this.platform().context, key));
      }),
      publish: this.publish,
      worker: { entry: surroundings.worker },
    });
    this.#platform = platform;
    this.#monitor = new BalanceMonitor(platform.context);
    if (platform.interrupted > 0)
      surroundings.log.warn(`${platform.interrupted} movements were interrupted and are looked up`);
    const { theme } = await readSettings(platform.store.db);
    surroundings.setTheme(theme);
    this.#first = this.ensureConnected();
    this.#first.catch((error: unknown) => surroundings.log.error('connecting to Stripe', error));
    this.schedulePolling();
  }

  // Polling ----------------------------------------------------------------------------------------------------------

  schedulePolling(): void {
    clearInterval(this.#timer);
    clearInterval(this.#listening);
    this.#listening = setInterval(() => this.#listen(), LISTEN_EVERY_MS);
    void readSettings(this.platform().store.db).then(({ pollMinutes }) => {
      if (!this.#closed) this.#timer = setInterval(() => this.pollSoon(), pollMinutes * 60_000);
    });
  }

  /** Reads the balances in a moment; several requests become one reading. */
  pollSoon(inMs = SOON_MS): void {
    clearTimeout(this.#soon);
    if (this.#closed) return;
    this.#soon = setTimeout(() => {
      this.#polling = this.#polling
        .then(() => this.#poll())
        .catch((error: unknown) => this.surroundings.log.error('reading the balances', error));
    }, inMs);
  }

  /** After anything that moved or may have moved money: reads the balances, and lets the screens load again. */
  afterMoving(reason: string): void {
    this.publish('data.changed', { reason });
    this.pollSoon();
  }

  /** Between two readings: what Stripe's events tell of is read at once. After a reading, so that closing waits for both. */
  #listen(): void {
    this.#polling = this.#polling
      .then(async () => {
        if (this.#closed || this.#monitor === null || !this.#connected || this.guard.running === 'import') return;
        if (await this.#monitor.listen()) this.pollSoon();
      })
      .catch((error: unknown) => this.surroundings.log.error('reading events', error));
  }

  async #poll(): Promise<void> {
    if (this.#closed || this.#platform === null) return;
    await this.ensureConnected();
    // What a reading has to write would wait for the end of the import.
    if (this.guard.running === 'import') return;
    await this.#dailyBackup();
    // Looked up only: nothing is sent again without a person.
    await this.guard.run(LOOK_UP, () => resolveAllUnknown(this.platform().context, NEVER_RESEND));
    await this.monitor().poll();
    for (const alert of await takeNotifications(this.platform().context)) {
      this.surroundings.notify.criticalAlert(alert.title, 'Open Coffer to see what to do.');
    }
  }

  /** An unrestricted live key was insisted on: the log of the live books says why, once for each reason. */
  async #auditUnrestrictedKey(): Promise<void> {
    const reason = this.surroundings.mode === 'live' ? this.surroundings.unrestrictedKey() : null;
    if (reason === null) return;
    const last = await eventsOf(this.platform().store.db, 'key.unrestricted')
      .select('payload')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last?.payload !== canonicalJson({ reason })) await this.audited('key.unrestricted', 'live', { reason });
  }

  /** Several callers share one attempt. */
  ensureConnected(): Promise<void> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    await this.#auditUnrestrictedKey();
    if (this.#connected) return;
    const key = this.#keyTurn;
    const connected = await this.platform().connect();
    // With a key that was replaced meanwhile, the next reading connects again.
    this.#connected = connected && key === this.#keyTurn;
  }

  /**
   * Resolves when the first attempt to connect after the opening of the books has ended, also when Stripe did not answer. Rejects with
   * what a person has to mend, such as a key of another mode.
   */
  firstConnection(): Promise<void> {
    return this.#first;
  }

  /** The key or the address changed: connect again at the next reading. */
  disconnect(): void {
    this.#keyTurn += 1;
    this.#connected = false;
    this.#first = Promise.resolve();
    this.pollSoon();
  }

  // Runs -------------------------------------------------------------------------------------------------------------

  requireIdle(): void {
    if (this.guard.running !== null && this.guard.running !== LOOK_UP) {
      throw new CofferError('busy', 'A run is working right now.', 'Wait until it has finished or stop it.');
    }
  }

  /** Starts work whose end is told by events. */
  inBackground(title: string, work: () => Promise<void>): void {
    this.#background = work();
    this.#background.catch((error: unknown) => {
      if (!(error instanceof CofferError)) this.surroundings.log.error(title, error);
    });
  }

  /** Rejects with what was refused at once; resolves as soon as the work has begun or ended. */
  async firstAnswer(name: string): Promise<void> {
    const begun = (async () => {
      for (let waited = 0; waited < 30_000 && this.guard.running !== name; waited += 20) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await Promise.race([this.#background, begun]);
  }

  async audited(action: string, subject: string, payload: Readonly<Record<string, unknown>>): Promise<void> {
    const { context, store } = this.platform();
    await store.transaction((tx) =>
      appendAudit(tx, { at: context.now(), actor: context.actor(), action, subject, payload }),
    );
  }

  // Heavy work -------------------------------------------------------------------------------------------------------

  previewDataset(directory: string, requireStripe: boolean): Promise<PlainReport> {
    return runHeavy(this.surroundings.worker, 'preview', { directory, requireStripe });
  }

  /** A backup of the books as they are now, checked; an event of the audit log. */
  async backUp(reason: BackupReason): Promise<Backup> {
    const made = await runHeavy(this.surroundings.worker, 'backup', {
      storePath: this.storePath,
      reason,
      at: new Date(),
    });
    await this.audited('backup.made', made.file, { reason, sha256: made.note?.sha256 ?? '', bytes: made.bytes });
    this.publish('data.changed', { reason: 'backup' });
    return made;
  }

  /** Once a day while Coffer is open. A backup that cannot be made is logged and shown by its absence; nothing else stops. */
  async #dailyBackup(): Promise<void> {
    const [newest] = listBackups(backupFolder(this.storePath));
    if (newest !== undefined && Date.now() - new Date(newest.madeAt).getTime() < DAY_MS) return;
    await this.backUp('daily').catch((error: unknown) => this.surroundings.log.error('the daily backup', error));
  }

  heavy<K extends HeavyKind>(kind: K, given: HeavyJobs[K]['given']): Promise<HeavyJobs[K]['answer']> {
    return runHeavy(this.surroundings.worker, kind, given);
  }

  /** All or nothing; nothing else writes meanwhile. */
  importDataset(directory: string, requireStripe: boolean): Promise<{ report: PlainReport; imported: boolean }> {
    const { context, store } = this.platform();
    const given = { storePath: store.path, directory, requireStripe, actor: context.actor() };
    return store.elsewhere(() => runHeavy(this.surroundings.worker, 'import', given));
  }

  // Sandbox ----------------------------------------------------------------------------------------------------------

  /** Starts the sandbox afresh from one of Coffer's own datasets, moved to the last full month. */
  async startSandboxFromResource(id: string): Promise<void> {
    await this.startSandboxFrom(await sandboxDataset(this.surroundings, id));
  }

  /**
   * Starts the sandbox afresh from a dataset that was checked: the books of before are kept in an archive folder, the embedded
   * Stripe starts from the dataset's stripe.json, the data is imported.
   */
  async startSandboxFrom(directory: string): Promise<void> {
    const { sandbox, folder } = this.surroundings;
    if (sandbox === null)
      throw new CofferError('sandbox-only', 'Only the sandbox can be started afresh.', 'Change to the sandbox first.');
    await this.#closePlatform();
    await archiveBooks(folder);
    await sandbox.startAfresh(directory);
    await this.#openPlatform();
    await this.#first;
    const { context } = this.platform();
    const imported = await this.importDataset(directory, true);
    if (!imported.imported) throw new Error('The dataset passed its check and could not be imported');
    await this.platform().connect();
    this.#connected = true;
    await adoptBalances(context);
    await seedHistory(context);
    this.publish('data.changed', { reason: 'sandbox' });
    await this.monitor().poll();
  }

  // Closing ----------------------------------------------------------------------------------------------------------

  async #closePlatform(): Promise<void> {
    clearTimeout(this.#soon);
    clearInterval(this.#timer);
    clearInterval(this.#listening);
    await this.#first.catch(() => undefined);
    await this.#polling;
    await this.#platform?.close();
    this.#platform = null;
    this.#monitor = null;
    this.#connected = false;
    this.#damage = null;
  }

  /** Closes the books, lets `work` replace their file, and opens what is there then: also when the work failed. */
  async whileClosed(work: () => Promise<unknown>): Promise<void> {
    await this.#closePlatform();
    try {
      const lock = await lockStore(this.storePath);
      try {
        await work();
      } finally {
        await lock.release();
      }
    } finally {
      await this.open();
    }
    this.publish('data.changed', { reason: 'restore' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.guard.stop();
    await this.#background.catch(() => undefined);
    await this.#closePlatform();
  }
}
