/**
 * The state file: JSON lines, appended and synced before any reply that depends on them is sent. The first line says
 * what the file is. A last line without its newline was never acknowledged and is cut off at the next start.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

export const LOG_FORMAT = 1;
const headerSchema = z.object({ coffer_sandbox: z.number() });

/** One unit of work: what changed, in full, so that applying a line twice does no harm. */
export const logLineSchema = z.object({
  /** Highest number used in an id. */
  ids: z.number().int(),
  /** Sandbox time in milliseconds. */
  at: z.number().int(),
  put: z.array(z.tuple([z.string(), z.unknown()])).optional(),
  del: z.array(z.tuple([z.string(), z.string()])).optional(),
  /** Balances after the work: account → minor units. */
  bal: z.record(z.string(), z.string().regex(/^-?\d+$/)).optional(),
});
export type LogLine = z.infer<typeof logLineSchema>;

export class StateFileError extends Error {
  override readonly name = 'StateFileError';
}

function encode(line: unknown): string {
  return `${JSON.stringify(line, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}\n`;
}

/** Reads a state file. Calls `apply` once per complete line; returns the length in bytes of the complete lines. */
export async function readLog(file: string, apply: (line: LogLine) => void): Promise<number> {
  let good = 0;
  let rest: Buffer[] = [];
  let count = 0;
  const accept = (bytes: Buffer): void => {
    count += 1;
    let parsed: unknown;
    try {
      parsed = JSON.parse(bytes.toString('utf8'));
    } catch {
      throw new StateFileError(`${file}: line ${count} is damaged. Move the file away to start a new sandbox.`);
    }
    if (count === 1) {
      const header = headerSchema.safeParse(parsed);
      if (!header.success) throw new StateFileError(`${file} is not a state file of the embedded Stripe.`);
      if (header.data.coffer_sandbox !== LOG_FORMAT) {
        throw new StateFileError(
          `${file} was written by another version (format ${header.data.coffer_sandbox}, this one reads ${LOG_FORMAT}).`,
        );
      }
      return;
    }
    const line = logLineSchema.safeParse(parsed);
    if (!line.success) throw new StateFileError(`${file}: line ${count} has an unknown form.`);
    apply(line.data);
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    let bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10)) {
      const line = rest.length === 0 ? bytes.subarray(0, end) : Buffer.concat([...rest, bytes.subarray(0, end)]);
      rest = [];
      accept(line);
      good += line.length + 1;
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > 0) rest.push(bytes);
  }
  return good;
}

/** Writes a whole new state file beside the old one and swaps it in. Returns its length in bytes. */
export async function writeLog(file: string, lines: Iterable<LogLine>): Promise<number> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  let size = 0;
  try {
    let pending = encode({ coffer_sandbox: LOG_FORMAT });
    const flush = async (): Promise<void> => {
      size += (await handle.write(pending)).bytesWritten;
      pending = '';
    };
    for (const line of lines) {
      pending += encode(line);
      if (pending.length > 1 << 20) await flush();
    }
    await flush();
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const directory = await open(dirname(file), 'r').catch(() => undefined);
  // Not every platform can sync a directory; where it cannot, the rename itself is what there is.
  await directory?.sync().catch(() => undefined);
  await directory?.close();
  return size;
}

/** Appends lines with one write and one sync for all requests that are waiting. */
export class LogWriter {
  #pending: string[] = [];
  /** Lines appended, and lines known to be on disk. */
  #appended = 0;
  #synced = 0;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private length: number,
  ) {}

  /** Opens an existing state file and cuts it to `length`, its complete lines. */
  static async open(file: string, length: number): Promise<LogWriter> {
    const handle = await open(file, 'r+');
    await handle.truncate(length);
    return new LogWriter(file, handle, length);
  }

  append(line: LogLine): void {
    this.#pending.push(encode(line));
    this.#appended += 1;
  }

  /** Resolves when everything appended so far is on disk. */
  async durable(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const wanted = this.#appended;
    while (this.#synced < wanted) {
      this.#running ??= this.#flush().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  async close(): Promise<void> {
    try {
      await this.durable();
    } finally {
      await this.handle.close();
    }
  }

  async #flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = Buffer.from(this.#pending.join(''));
    const upTo = this.#appended;
    this.#pending = [];
    try {
      const { size } = await this.handle.stat();
      if (size !== this.length) {
        throw new StateFileError(`${this.file} was changed by another process. Only one sandbox may use it at a time.`);
      }
      await this.handle.write(bytes, 0, bytes.length, this.length);
      await this.handle.datasync();
      this.length += bytes.length;
      this.#synced = upTo;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    }
  }
}
