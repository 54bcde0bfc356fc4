/**
 * The embedded local Stripe: an HTTP server on the loopback interface that speaks Stripe's wire format, for sandbox use,
 * tests and demos. It imports neither Electron nor the `stripe` package.
 */
import { StripeApi } from './api';
import { Control } from './control/control';
import { type Incoming, listen, type Outgoing } from './http/listener';
import type { RateLimit } from './http/rate-limit';
import { applySeed, type SandboxSeed } from './seed';
import { SandboxState } from './state/state';

export type { RateLimit } from './http/rate-limit';
export { readSeedDirectory, type SandboxSeed, SeedError } from './seed';
export { StateFileError } from './state/log';

export interface EmbeddedStripeOptions {
  /** 0 or absent: a free one. */
  port?: number;
  /** Absent: memory only. */
  stateFile?: string;
  /** Applied only when the state is new. */
  seed?: SandboxSeed;
  /** The clock under the sandbox's own. */
  now?: () => Date;
  /** Absent or `null`: unlimited. Stripe's sandboxes allow 25 per second, in all and per endpoint. */
  rateLimit?: RateLimit | null;
  /** Milliseconds of sandbox time until payouts and outbound payments settle. 0: at the beginning of the next request. */
  settlementDelayMs?: number;
  /** Told about bugs of the sandbox; default: standard error. */
  onBug?: (error: unknown) => void;
}

export interface EmbeddedStripe {
  /** `http://127.0.0.1:PORT` */
  url: string;
  port: number;
  /** Stops listening; what was answered is on disk. */
  close(): Promise<void>;
}

/** Starts the embedded Stripe. Rejects with `StateFileError` or `SeedError` where a person can put it right. */
export async function startEmbeddedStripe(options: EmbeddedStripeOptions): Promise<EmbeddedStripe> {
  const onBug = options.onBug ?? ((error: unknown) => console.error('Embedded Stripe:', error));
  const state = await SandboxState.open({
    file: options.stateFile,
    now: options.now ?? (() => new Date()),
    seed: (fresh) => applySeed(fresh, options.seed),
  });
  const api = new StripeApi(state, {
    settlementDelay: options.settlementDelayMs ?? 0,
    rateLimit: options.rateLimit ?? null,
    onBug,
  });
  const control = new Control(state, api);
  const answer = (incoming: Incoming): Promise<Outgoing> =>
    incoming.pathname.startsWith('/_sandbox/') ? control.answer(incoming) : api.answer(incoming);
  try {
    const listener = await listen(options.port ?? 0, answer, onBug);
    return {
      url: `http://127.0.0.1:${listener.port}`,
      port: listener.port,
      close: async () => {
        await listener.close();
        await state.close();
      },
    };
  } catch (error) {
    await state.close();
    throw error;
  }
}
