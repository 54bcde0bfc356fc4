/** Where data comes from besides a folder that a person chooses: a PostgreSQL database, and a folder that is watched. */
import { z } from 'zod';
import { channel, done, instant, nothing, periodText } from './channel';
import { importPreview } from './data';

export const DATASET_FILES = ['creators', 'subscribers', 'payments', 'allocations', 'opening'] as const;
export type DatasetFile = (typeof DATASET_FILES)[number];

const query = z.string().min(1).max(20_000);

export const postgresSource = z.strictObject({
  host: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535),
  database: z.string().min(1).max(63),
  user: z.string().min(1).max(63),
  /** PEM file of the authority that signed the server's certificate; null: those of the system. */
  caFile: z.string().min(1).max(4_096).nullable(),
  /** One SELECT for each file, with that file's columns. `current_setting('coffer.period')` is the month that is read. */
  queries: z.strictObject({
    creators: query,
    subscribers: query,
    payments: query,
    allocations: query,
    opening: query,
  }),
});
export type PostgresSource = z.infer<typeof postgresSource>;

export const postgresView = z.strictObject({
  /** Null when none was set up. */
  source: postgresSource.nullable(),
  hasPassword: z.boolean(),
  /** What a new source starts with. */
  suggested: z.strictObject({ port: z.int(), queries: postgresSource.shape.queries }),
});
export type PostgresView = z.infer<typeof postgresView>;

export const postgresTest = z.strictObject({
  server: z.string(),
  encrypted: z.boolean(),
  /** The user could also write; a user that can only read is safer. */
  canWrite: z.boolean(),
});
export type PostgresTest = z.infer<typeof postgresTest>;

export const watchedExport = z.strictObject({
  name: z.string(),
  at: instant,
  state: z.enum(['waiting', 'imported', 'refused', 'failed']),
  /** What it waits for, what was imported, or why it was refused. */
  detail: z.string(),
});

export const watchedFolderView = z.strictObject({
  /** Null when no folder is watched. */
  directory: z.string().nullable(),
  /** The last exports that were found, newest first. */
  found: z.array(watchedExport).max(50),
});
export type WatchedFolderView = z.infer<typeof watchedFolderView>;

export const dataSourceChannels = {
  'dataSource.postgres': channel(nothing, postgresView),
  /** Keeps the source, and its password in the OS keychain; null keeps the present password. */
  'dataSource.savePostgres': channel(
    z.strictObject({ source: postgresSource, password: z.string().min(1).max(1_000).nullable() }),
    postgresView,
  ),
  'dataSource.removePostgres': channel(nothing, done),
  /** Connects and reads nothing but who it is. */
  'dataSource.testPostgres': channel(nothing, postgresTest),
  /** Reads the month into a dataset folder of its own and checks it; it is imported by `data.import` with that folder. */
  'dataSource.readPostgres': channel(z.strictObject({ period: periodText }), importPreview),
  'dataSource.watched': channel(nothing, watchedFolderView),
  /** Watches a folder that the person chooses; the reply is the present state when they cancel. */
  'dataSource.chooseWatched': channel(nothing, watchedFolderView),
  'dataSource.stopWatching': channel(nothing, watchedFolderView),
} as const;
