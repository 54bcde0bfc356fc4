/** What the shell expects of the services, and what it gives them. One host per mode; nothing of one reaches another. */
import type { ChannelName, Handlers, Mode, Role, UnfinishedRun } from '../../shared/contract';
import type { SecretStore } from '../keychain/secret-store';
import type { Dialogs } from './dialogs';
import type { Publish } from './ipc/publisher';
import type { Log } from './logging';
import type { Notifier } from './notifications';
import type { PdfPrinter } from './pdf-printer';
import type { Runtime } from './runtime';
import type { SandboxProcess } from './sandbox-process';

/** The channels that the shell answers itself. */
export type ShellChannel = Extract<ChannelName, `app.${string}` | `secrets.${string}` | `lock.${string}`>;
export type ServiceChannel = Exclude<ChannelName, ShellChannel>;
export type ShellHandlers = Pick<Handlers, ShellChannel>;
export type ServiceHandlers = Pick<Handlers, ServiceChannel>;
/** The handlers of an area: of the channels whose names begin with it. */
export type HandlersOf<Area extends string> = Pick<ServiceHandlers, Extract<ServiceChannel, `${Area}.${string}`>>;

export interface ServiceHost {
  readonly handlers: ServiceHandlers;
  /** Runs that were interrupted and wait for a person. */
  unfinished(): Promise<UnfinishedRun[]>;
  /** Something about the person was changed; the log of the open books keeps it. */
  note?(action: string, payload: Readonly<Record<string, unknown>>): Promise<void>;
  /** The Stripe key of this mode was set, replaced or cleared. */
  stripeKeyChanged?(): void;
  /** Ends after the movement that is under way is settled or noted as unknown, and the store is closed. */
  close(): Promise<void>;
}

export interface ServiceSurroundings {
  readonly mode: Mode;
  /** The folder for this mode's database and files; exists. */
  readonly folder: string;
  /** The process of the embedded Stripe; null outside of the sandbox. */
  readonly sandbox: SandboxProcess | null;
  /** A local server in Stripe's place, in tests only; null: Stripe itself. */
  readonly stripeUrl: string | null;
  /** The folder with the app's own files: icons, sandbox datasets. */
  readonly resources: string;
  /** The built code of the worker thread. */
  readonly worker: URL;
  readonly secrets: SecretStore;
  readonly operator: () => string;
  readonly role: () => Role;
  /** Why a person insisted on an unrestricted live key. */
  readonly unrestrictedKey: () => string | null;
  readonly publish: Publish;
  readonly dialogs: Dialogs;
  readonly openPdfPrinter: () => PdfPrinter;
  readonly notify: Notifier;
  /** Calls the listener when the computer wakes; returns the function that ends it. */
  readonly onWake: (listener: () => void) => () => void;
  /** Whether closing the window leaves Coffer in the tray. */
  readonly stayInTray: (on: boolean) => void;
  /** Shows a file or folder in the system's file manager. */
  readonly showFolder: (path: string) => void;
  readonly setTheme: (theme: 'system' | 'light' | 'dark') => void;
  readonly runtime: Runtime;
  readonly log: Log;
}

/** A thrown `CofferError` is shown on every screen of the mode until the mode is opened again. */
export type OpenServices = (surroundings: ServiceSurroundings) => Promise<ServiceHost>;
