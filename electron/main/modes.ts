/** Which mode the app runs in, where each mode keeps its data, and the few things that belong to no mode. */
import path from 'node:path';
import { z } from 'zod';
import { type Mode, mode, role } from '../../shared/contract';
import { jsonFile } from './json-file';

const appState = z.strictObject({
  mode,
  /** The person has chosen the sandbox or a Stripe connection on the welcome screen. */
  welcomed: z.boolean(),
  /** The name that approvals and the audit log carry. */
  operator: z.string().trim().min(1).max(80),
  /** What the operator of this machine may do; one person alone does everything. */
  role: role.default('approver'),
  /** The app has a passphrase, which is in the keychain. */
  hasPassphrase: z.boolean().default(false),
  /** Why a person insisted on an unrestricted live key; null: there is none. */
  unrestrictedKey: z.string().max(300).nullable().default(null),
});
export type AppState = z.infer<typeof appState>;

export interface Modes {
  current(): AppState;
  update(change: Partial<AppState>): Promise<void>;
  /** The folder of a mode's database and files; nothing of another mode is ever in it. */
  folder(of: Mode): string;
}

/** Reads `app.json`; starts in the sandbox when there is none. Live is left when `liveAllowed` is false. */
export async function openModes(userData: string, operator: string, liveAllowed: boolean): Promise<Modes> {
  const file = jsonFile(path.join(userData, 'app.json'), appState);
  let state: AppState = (await file.read()) ?? {
    mode: 'sandbox',
    welcomed: false,
    operator: operator.trim().slice(0, 80) || 'Operator',
    role: 'approver',
    hasPassphrase: false,
    unrestrictedKey: null,
  };
  if (state.mode === 'live' && !liveAllowed) state = { ...state, mode: 'sandbox' };
  return {
    current: () => state,
    async update(change) {
      const next = { ...state, ...change };
      await file.write(next);
      state = next;
    },
    folder: (of) => path.join(userData, of),
  };
}

export function windowTitle(of: Mode): string {
  return `Coffer — ${of.toUpperCase()}`;
}
