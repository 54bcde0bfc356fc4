/**
 * Rule: nothing that a page sends crashes the main process or reaches a service unparsed, and nobody but our own top frame reaches
 * one at all. COFFER_FUZZ: inputs for each channel, 10,000 unless set.
 */
import { afterAll, expect, test, vi } from 'vitest';
import { type CallReceiver, channelNames, registerHandlers } from '../../../electron/main/ipc/register-handlers';
import type { CallEvent } from '../../../electron/main/ipc/sender';
import { contract, type Handlers } from '../../../shared/contract';
import { inputsFor } from './inputs';

const INPUTS = Number(process.env.COFFER_FUZZ ?? 10_000);
const SEED = Number(process.env.COFFER_SEED ?? 20_261_125);
const quiet = { warn: vi.fn(), error: vi.fn() };

const ours: CallEvent = { sender: { id: 1 }, senderFrame: { origin: 'app://coffer', parent: null } };
const gone = {
  get origin(): string {
    throw new Error('Render frame was disposed');
  },
  parent: null,
};
const hostileSenders: readonly CallEvent[] = [
  { sender: { id: 2 }, senderFrame: { origin: 'app://coffer', parent: null } },
  { sender: { id: 1 }, senderFrame: null },
  { sender: { id: 1 }, senderFrame: { origin: 'app://coffer', parent: {} } },
  { sender: { id: 1 }, senderFrame: gone },
  ...[
    'https://coffer',
    'app://coffer.evil',
    'app://Coffer',
    'app://coffer/',
    'file://',
    'null',
    '',
    'devtools://devtools',
  ].map((origin) => ({ sender: { id: 1 }, senderFrame: { origin, parent: null } })),
];

const totals = { channels: 0, inputs: 0, hostile: 0, handled: 0, refused: 0, crashes: 0, unvalidated: 0 };
let reached: { channel: string; args: unknown } | null = null;

const handlers = Object.fromEntries(
  channelNames.map((channel) => [
    channel,
    async (args: unknown) => {
      reached = { channel, args };
      // What a service may do wrong: its reply does not fit either, and that must stay inside.
      return { not: 'what the contract says' };
    },
  ]),
) as unknown as Handlers;

const listeners = new Map<string, Parameters<CallReceiver['handle']>[1]>();
registerHandlers({ handle: (name, listener) => listeners.set(name, listener) }, handlers, {
  isKnownWindow: (id) => id === 1,
  log: quiet,
});

async function send(channel: string, event: CallEvent, args: unknown): Promise<unknown> {
  reached = null;
  totals.inputs += 1;
  try {
    return await listeners.get(channel)?.(event, args);
  } catch {
    totals.crashes += 1;
    return undefined;
  }
}

afterAll(() => {
  process.stdout.write(
    `IPC fuzzing: ${totals.channels} channels, ${totals.inputs} inputs (${totals.hostile} from hostile senders), ` +
      `${totals.refused} refused, ${totals.handled} accepted, ${totals.crashes} crashes, ${totals.unvalidated} unvalidated calls\n`,
  );
});

test.each(channelNames)('%s', { timeout: 120_000 }, async (channel) => {
  const schema = contract[channel].args;
  totals.channels += 1;
  let accepted = 0;
  for (const [index, args] of inputsFor(schema, INPUTS, SEED).entries()) {
    // Every tenth input comes from somebody else.
    const stranger = index % 10 === 9 ? hostileSenders[Math.floor(index / 10) % hostileSenders.length] : undefined;
    const event = stranger ?? ours;
    const answer = (await send(channel, event, args)) as { ok?: unknown } | undefined;
    if (event !== ours) totals.hostile += 1;
    if (reached === null) totals.refused += 1;
    else {
      totals.handled += 1;
      accepted += 1;
      const call: { channel: string; args: unknown } = reached;
      // What arrived is what the schema makes of it, from our own window, on this channel.
      const again = schema.safeParse(call.args);
      if (event !== ours || call.channel !== channel || !again.success) totals.unvalidated += 1;
    }
    if (answer?.ok !== false) totals.crashes += 1;
  }
  expect(accepted, 'no input was accepted: the fuzzing proves nothing here').toBeGreaterThan(0);
  expect(totals).toMatchObject({ crashes: 0, unvalidated: 0 });
  expect((Object.prototype as { admin?: unknown }).admin).toBeUndefined();
});
