/** The headless command as one file, built once, and run as a process of its own that can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from '../bundle';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const ENTRIES = {
  headless: 'electron/headless/cli.ts',
  rollback: 'test/faults/rollback-command.ts',
} as const;

type Bundle = Awaited<ReturnType<typeof bundle>>;
export type Entry = keyof typeof ENTRIES;

/** A run that takes longer hangs. */
const LONGEST_RUN_MS = 90_000;

export interface Ended {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly summary: Readonly<Record<string, unknown>>;
  readonly stderr: string;
  readonly ms: number;
  /** Labels it came to, in order; only when asked for. */
  readonly labels: readonly string[];
}

export interface RunOptions {
  readonly killAt?: string;
  /** A file for the labels; it is read and removed. */
  readonly labelsTo?: string;
  readonly onStart?: (child: ChildProcess) => void;
}

export class Program {
  readonly #files: Readonly<Record<Entry, Bundle>>;
  readonly #children = new Set<ChildProcess>();

  private constructor(files: Readonly<Record<Entry, Bundle>>) {
    this.#files = files;
  }

  static async build(): Promise<Program> {
    const files = {} as Record<Entry, Bundle>;
    for (const name of Object.keys(ENTRIES) as Entry[]) files[name] = await bundle(ENTRIES[name], `faults-${name}`);
    return new Program(files);
  }

  async run(entry: Entry, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const { killAt, labelsTo } = options;
    const started = performance.now();
    const child = spawn(process.execPath, [this.#files[entry].file, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        ...(killAt === undefined && labelsTo === undefined ? {} : { COFFER_FAULT_TESTS: '1' }),
        ...(killAt === undefined ? {} : { COFFER_KILL_AT: killAt }),
        ...(labelsTo === undefined ? {} : { COFFER_CHECKPOINT_LOG: labelsTo }),
      },
    });
    this.#children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    options.onStart?.(child);
    const limit = setTimeout(() => {
      stderr += `\nIt took longer than ${LONGEST_RUN_MS} ms and was ended.\n`;
      child.kill('SIGABRT');
    }, LONGEST_RUN_MS);
    const { exit, signal } = await new Promise<{ exit: number | null; signal: NodeJS.Signals | null }>(
      (resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code, by) => resolve({ exit: code, signal: by }));
      },
    );
    clearTimeout(limit);
    this.#children.delete(child);
    const last = stdout.trimEnd().split('\n').at(-1) ?? '';
    const labels: string[] = [];
    if (labelsTo !== undefined && existsSync(labelsTo)) {
      labels.push(...readFileSync(labelsTo, 'utf8').split('\n').filter(Boolean));
      rmSync(labelsTo);
    }
    return {
      exit,
      signal,
      summary: last === '' ? {} : JSON.parse(last),
      stderr,
      ms: performance.now() - started,
      labels,
    };
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const { remove } of Object.values(this.#files)) await remove();
  }
}
