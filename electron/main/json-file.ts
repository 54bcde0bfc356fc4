import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';

export interface JsonFile<T> {
  /** The content, or `null` when the file is missing or not what it should be; a damaged file is set aside. */
  read(): Promise<T | null>;
  /** Replaces the file in one step: a crash leaves the old content or the new, never a part. Writes keep their order. */
  write(content: T): Promise<void>;
  /** Waits for the writes that were asked for. */
  flush(): Promise<void>;
}

/** A small JSON file for one object; nothing secret belongs in it. */
export function jsonFile<Schema extends z.ZodType>(file: string, schema: Schema): JsonFile<z.infer<Schema>> {
  let last: Promise<void> = Promise.resolve();
  return {
    async read() {
      const text = await readFile(file, 'utf8').catch(() => null);
      if (text === null) return null;
      const parsed = schema.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      await rename(file, `${file}.damaged`).catch(() => undefined);
      return null;
    },
    write(content) {
      const writing = last.then(() => replaceFile(file, `${JSON.stringify(schema.parse(content), null, 2)}\n`));
      last = writing.catch(() => undefined);
      return writing;
    },
    flush: () => last,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes beside the file, makes the bytes durable, then renames over it. */
async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.new`;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    const handle = await open(beside, 'w', 0o600);
    try {
      await handle.writeFile(text, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
