/**
 * Starts an Electron app and talks to its page through Chromium's debugging pipe: no port, no test library in the app. The same way for
 * Coffer and for the empty window.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { sandboxSwitches } from '../../scripts/setup/chromium-sandbox.mjs';
import { electronPath } from '../../scripts/setup/electron-path.mjs';
import { treeProcessorMs } from './process-tree';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EMPTY_WINDOW = path.join(ROOT, 'node_modules/.coffer/empty-window/main/index.mjs');
const INTERACTIVE_WITHIN_MS = 60_000;
const CLOSES_WITHIN_MS = 20_000;

/**
 * Interactive: the button "Refresh" is there and can be pressed, the page has painted it, and answers this question. In Coffer that is the
 * button of Balances, which waits for the figures; in the empty window the only one there is.
 */
const INTERACTIVE = `new Promise((resolve) => {
  const look = () => {
    const button = [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === 'Refresh');
    if (button === undefined || button.disabled) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => resolve(true)));
  };
  look();
})`;

export interface Started {
  readonly process: ChildProcess;
  /** From the start of the process until it is interactive, milliseconds. */
  readonly interactiveMs: number;
  /** Processor time of all its processes until then, milliseconds. */
  readonly processorMs: number;
  /** The value of an expression in the page; a promise is awaited. */
  evaluate(expression: string): Promise<unknown>;
  /** Of the page. */
  collectGarbage(): Promise<void>;
  close(): Promise<void>;
}

/** A data folder of somebody who was here before, on the sandbox. */
export async function welcomed(userData: string): Promise<void> {
  await mkdir(userData, { recursive: true });
  const state = { mode: 'sandbox', welcomed: true, operator: 'Mara Lindqvist' };
  await writeFile(path.join(userData, 'app.json'), JSON.stringify(state));
}

export function startCoffer(env: NodeJS.ProcessEnv, userData: string): Promise<Started> {
  return start(ROOT, { ...env, COFFER_USER_DATA: userData });
}

export function startEmptyWindow(env: NodeJS.ProcessEnv, userData: string): Promise<Started> {
  return start(EMPTY_WINDOW, { ...env, BENCH_USER_DATA: userData });
}

async function start(app: string, env: NodeJS.ProcessEnv): Promise<Started> {
  const started = performance.now();
  const child = spawn(electronPath(), [...sandboxSwitches(), '--remote-debugging-pipe', app], {
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const pipe = new DebuggingPipe(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    pipe.tell('Browser.close');
    const killing = setTimeout(() => child.kill('SIGKILL'), CLOSES_WITHIN_MS);
    await ended;
    clearTimeout(killing);
  };
  try {
    const session = await within(INTERACTIVE_WITHIN_MS, pipe.page());
    const evaluate = (expression: string) => pipe.evaluate(session, expression);
    const collectGarbage = () => pipe.collectGarbage(session);
    await within(
      INTERACTIVE_WITHIN_MS,
      untilLoaded(() => evaluate(INTERACTIVE)),
    );
    const interactiveMs = performance.now() - started;
    const processorMs = treeProcessorMs(child.pid ?? 0);
    return { process: child, interactiveMs, processorMs, evaluate, collectGarbage, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A page that is still loading forgets what it was asked. */
async function untilLoaded(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const answered = await ask().catch((error: Error) => {
      if (/context|navigat/i.test(error.message)) return false;
      throw error;
    });
    if (answered === true) return;
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The app was not interactive within ${ms / 1_000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly sessionId?: string; readonly targetInfo?: { readonly type: string } };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
  readonly error?: { readonly message: string };
}

/** https://chromedevtools.github.io/devtools-protocol/: JSON, each message ended by a zero byte, on descriptors 3 and 4. */
class DebuggingPipe {
  readonly #to: Writable;
  readonly #waiting = new Map<number, { resolve: (message: Message) => void; reject: (error: Error) => void }>();
  #last = 0;
  #found: (session: string) => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#to = child.stdio[3] as Writable;
    const from = child.stdio[4] as Readable;
    this.#to.on('error', () => undefined);
    let held = '';
    from.setEncoding('utf8').on('data', (text: string) => {
      const parts = (held + text).split('\0');
      held = parts.pop() ?? '';
      for (const part of parts) this.#hear(JSON.parse(part) as Message);
    });
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The app ended'));
      this.#waiting.clear();
    });
  }

  tell(method: string, params: object = {}, sessionId?: string): number {
    this.#last += 1;
    this.#to.write(`${JSON.stringify({ id: this.#last, method, params, ...(sessionId && { sessionId }) })}\0`);
    return this.#last;
  }

  #ask(method: string, params: object, sessionId?: string): Promise<Message> {
    const id = this.tell(method, params, sessionId);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #hear(message: Message): void {
    if (message.method === 'Target.attachedToTarget' && message.params?.targetInfo?.type === 'page') {
      this.#found(message.params.sessionId ?? '');
    }
    const waiting = this.#waiting.get(message.id ?? 0);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id ?? 0);
    if (message.error === undefined) waiting.resolve(message);
    else waiting.reject(new Error(message.error.message));
  }

  /** The first page there is. */
  page(): Promise<string> {
    const found = new Promise<string>((resolve) => {
      this.#found = resolve;
    });
    return Promise.race([
      found,
      this.#ask('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true }).then(
        () => found,
      ),
    ]);
  }

  async collectGarbage(session: string): Promise<void> {
    await this.#ask('HeapProfiler.collectGarbage', {}, session);
  }

  async evaluate(session: string, expression: string): Promise<unknown> {
    const given = { expression, awaitPromise: true, returnByValue: true };
    const { result } = await this.#ask('Runtime.evaluate', given, session);
    const failed = result?.exceptionDetails?.exception?.description;
    if (failed !== undefined) throw new Error(failed);
    return result?.result?.value;
  }
}
