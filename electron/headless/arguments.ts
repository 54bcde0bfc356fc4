/** The arguments of the command line, parsed strictly. */
import { parseArgs } from 'node:util';
import type { MonthEndStep } from '../../shared/contract/month-end';
import { STEPS } from '../services/month-end/run';

export interface RunArguments {
  readonly command: 'migrate' | 'close';
  readonly data: string;
  readonly out: string;
  readonly state: string | null;
  readonly stripe: string | null;
  readonly yes: boolean;
  readonly simulateGuided: boolean;
  readonly until: MonthEndStep | null;
}

export interface VerifyArguments {
  readonly command: 'verify';
  readonly binder: string;
}

export interface BackupArguments {
  readonly command: 'backup';
  readonly state: string;
  readonly out: string | null;
}

export interface RestoreArguments {
  readonly command: 'restore';
  readonly state: string;
  readonly backup: string;
  readonly yes: boolean;
}

export class UsageError extends Error {}

/** @param program how the command line is started here */
export function usage(program: string): string {
  return `Usage:
  ${program} migrate --data DIR --out DIR [--state DIR] [--stripe URL] [--simulate-guided] --yes
  ${program} close   --data DIR --out DIR [--state DIR] [--stripe URL] [--simulate-guided] [--until STEP] --yes
  ${program} verify  BINDER.zip
  ${program} backup  --state DIR [--out DIR]
  ${program} restore BACKUP.db --state DIR --yes
  STEP is one of ${STEPS.join(', ')}.
  Without --yes the plan is printed and nothing moves.`;
}

export type Arguments = RunArguments | VerifyArguments | BackupArguments | RestoreArguments;

export function parseArguments(args: readonly string[]): Arguments {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const command = positionals[0];
  if (command === 'verify') {
    const binder = positionals[1];
    if (binder === undefined || positionals.length > 2) throw new UsageError('One binder is needed.');
    return { command, binder };
  }
  if (command === 'backup' || command === 'restore') return storeArguments(command, values, positionals.slice(1));
  if (command !== 'migrate' && command !== 'close') {
    throw new UsageError(command === undefined ? 'A command is missing.' : `There is no command "${command}".`);
  }
  if (positionals.length > 1) throw new UsageError(`"${positionals[1]}" is not expected.`);
  const { data, out, until } = values;
  if (!data || !out) throw new UsageError('--data and --out are needed.');
  if (command === 'migrate' && until !== undefined) throw new UsageError('--until goes with close.');
  if (values.state === '') throw new UsageError('--state needs a folder.');
  if (values.stripe !== undefined && !isLocalServer(values.stripe)) {
    throw new UsageError('--stripe needs the address of a server on this computer, such as http://127.0.0.1:12111.');
  }
  const step = STEPS.find((one) => one === until);
  if (until !== undefined && step === undefined) throw new UsageError(`There is no step "${until}".`);
  return {
    command,
    data,
    out,
    state: values.state ?? null,
    stripe: values.stripe ?? null,
    yes: values.yes ?? false,
    simulateGuided: values['simulate-guided'] ?? false,
    until: step ?? null,
  };
}

function storeArguments(
  command: 'backup' | 'restore',
  values: ReturnType<typeof parse>['values'],
  rest: readonly string[],
): BackupArguments | RestoreArguments {
  const { state, out } = values;
  if (!state) throw new UsageError('--state is needed.');
  const expected = command === 'restore' ? 1 : 0;
  if (rest.length > expected) throw new UsageError(`"${rest[expected]}" is not expected.`);
  if (command === 'backup') return { command, state, out: out ?? null };
  const [backup] = rest;
  if (backup === undefined) throw new UsageError('One backup is needed.');
  return { command, state, backup, yes: values.yes ?? false };
}

/** Only the embedded Stripe is spoken to from the command line, never Stripe itself. */
function isLocalServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port } = new URL(text);
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) && port !== '';
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      out: { type: 'string' },
      state: { type: 'string' },
      stripe: { type: 'string' },
      until: { type: 'string' },
      yes: { type: 'boolean' },
      'simulate-guided': { type: 'boolean' },
    },
  });
}
