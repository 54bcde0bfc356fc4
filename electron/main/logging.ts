/**
 * The log: `logs/coffer.log` in the user data, rotated, with everything redacted before it reaches the file or the
 * terminal. Uses electron-log's Node half: its Electron half opens an IPC channel that the contract does not have.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import electronLog from 'electron-log/node';
import { redact } from './redaction';

const maxBytes = 2 * 1024 * 1024;

export interface Log {
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

export interface LogOptions {
  readonly folder: string;
  /** Also write to the terminal. */
  readonly terminal: boolean;
}

/** The oldest lines are in `coffer.old.log`; at most two files of 2 MB exist. */
export function createLog({ folder, terminal }: LogOptions): Log {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = electronLog.create({ logId: `coffer:${folder}` });
  log.transports.file.resolvePathFn = () => path.join(folder, 'coffer.log');
  log.transports.file.maxSize = maxBytes;
  log.transports.file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' };
  log.transports.file.format = '[{iso}] [{level}] {text}';
  log.transports.file.level = 'info';
  log.transports.console.level = terminal ? 'info' : false;
  // A terminal that was closed must not take the app with it.
  if (terminal) for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  log.hooks.push((message) => ({ ...message, data: message.data.map((part) => redact(part)) }));
  return {
    info: (message, ...details) => log.info(message, ...details),
    warn: (message, ...details) => log.warn(message, ...details),
    error: (message, ...details) => log.error(message, ...details),
  };
}
