/** The embedded Stripe runs in a process of its own: it can be slow, stop or be killed without the app. */
import { z } from 'zod';
import { CofferError } from '../../shared/domain/coffer-error';
import type { Log } from './logging';

/** The part of Electron's `UtilityProcess` that is used. */
export interface SandboxChild {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
}

export interface SandboxProcess {
  /** Starts it when it does not run. @returns its address, `http://127.0.0.1:<port>`, the same as long as the app runs */
  url(): Promise<string>;
  /** Ends it, forgets its state and starts it from a dataset directory. @returns its address */
  startAfresh(seed: string): Promise<string>;
  stop(): Promise<void>;
}

export interface SandboxOptions {
  readonly fork: (args: readonly string[]) => SandboxChild;
  readonly stateFile: string;
  /** Deletes the state file. */
  readonly forget: () => Promise<void>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly startLimitMs?: number;
  readonly stopLimitMs?: number;
  readonly now?: () => number;
}

/** Deaths within `deathWindowMs` after which it is not started again by itself. */
const deathLimit = 3;
const deathWindowMs = 60_000;

const hello = z.object({ url: z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ }) });

export function createSandboxProcess({
  fork,
  stateFile,
  forget,
  log,
  startLimitMs = 20_000,
  stopLimitMs = 3_000,
  now = Date.now,
}: SandboxOptions): SandboxProcess {
  let running: { child: SandboxChild; exited: Promise<void> } | undefined;
  let address: Promise<string> | undefined;
  let port = 0;
  let stopping = false;
  let deaths: number[] = [];
  /** What a new state begins with; a state that is there already is not changed by it. */
  let seed: string | null = null;

  function start(): Promise<string> {
    const child = fork(['--port', String(port), '--state', stateFile, ...(seed === null ? [] : ['--seed', seed])]);
    let leave: () => void = () => undefined;
    const exited = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const current = { child, exited };
    running = current;
    return new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill();
        reject(didNotStart());
      }, startLimitMs);
      child.on('message', (message) => {
        const parsed = hello.safeParse(message);
        if (!parsed.success) return;
        clearTimeout(timer);
        const { origin } = new URL(parsed.data.url);
        port = Number(new URL(origin).port);
        log.info(`the sandbox answers at ${origin}`);
        resolve(origin);
      });
      child.on('exit', (code) => {
        clearTimeout(timer);
        leave();
        reject(didNotStart());
        if (running === current) died(code);
      });
    });
  }

  function died(code: number): void {
    running = undefined;
    address = undefined;
    if (stopping) return;
    log.warn(`the sandbox ended with code ${code}`);
    deaths = [...deaths.filter((at) => now() - at < deathWindowMs), now()];
    if (deaths.length > deathLimit) {
      log.error('the sandbox ended too often and is not started again by itself');
      return;
    }
    url().catch((error: unknown) => log.error('the sandbox did not start again', error));
  }

  function url(): Promise<string> {
    address ??= start();
    const asked = address;
    asked.catch(() => {
      if (address === asked) address = undefined;
    });
    return asked;
  }

  async function stop(): Promise<void> {
    stopping = true;
    const ending = running;
    running = undefined;
    address = undefined;
    if (!ending) return;
    ending.child.kill();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, stopLimitMs);
    });
    await Promise.race([ending.exited, limit]);
    clearTimeout(timer);
  }

  return {
    url: () => {
      stopping = false;
      return url();
    },
    async startAfresh(directory) {
      await stop();
      await forget();
      seed = directory;
      stopping = false;
      return url();
    },
    stop,
  };
}

function didNotStart(): CofferError {
  return new CofferError(
    'sandbox-not-started',
    'The sandbox’s own Stripe did not start.',
    'Restart Coffer. If it happens again, look at the log (Help → Show log).',
  );
}
