/**
 * The embedded Stripe as a process of its own: `--port P --state FILE [--seed DIR]`. Prints its URL, one line, when it
 * is ready. Also the entry of an Electron utility process, which is told the URL as a message.
 */
import { parseArgs } from 'node:util';
import { readSeedDirectory, SeedError, StateFileError, startEmbeddedStripe } from './index';

const USAGE = `Usage: simulator --port P --state FILE [--seed DIR] [--rate-limit N] [--settlement-delay MS]

  --port P               port on 127.0.0.1; 0 takes a free one
  --state FILE           where the sandbox keeps its state; created when missing
  --seed DIR             dataset directory with stripe.json and creators.csv, used when the state is new
  --rate-limit N         requests per second, in all and per endpoint (Stripe's sandboxes: 25); default unlimited
  --settlement-delay MS  sandbox milliseconds until payouts settle; default 0`;

class UsageError extends Error {}

interface Arguments {
  port: number;
  state: string;
  seed: string | undefined;
  rateLimit: number | undefined;
  settlementDelay: number;
}

function readArguments(argv: string[]): Arguments {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(argv);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.port === undefined) throw new UsageError('--port is required.');
  if (values.state === undefined || values.state === '') throw new UsageError('--state is required.');
  const port = wholeNumber('--port', values.port, 65_535);
  return {
    port,
    state: values.state,
    seed: values.seed,
    rateLimit:
      values['rate-limit'] === undefined ? undefined : wholeNumber('--rate-limit', values['rate-limit'], 100_000),
    settlementDelay: wholeNumber('--settlement-delay', values['settlement-delay'] ?? '0', 31_536_000_000),
  };
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    options: {
      port: { type: 'string' },
      state: { type: 'string' },
      seed: { type: 'string' },
      'rate-limit': { type: 'string' },
      'settlement-delay': { type: 'string' },
    },
  }).values;
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max)
    throw new UsageError(`${name} must be a whole number from 0 to ${max}, not "${text}".`);
  return value;
}

/** Electron's channel to the process that started this one; absent under plain Node. */
function tellParent(message: unknown): void {
  const port: unknown = Reflect.get(process, 'parentPort');
  if (typeof port !== 'object' || port === null || !('postMessage' in port)) return;
  if (typeof port.postMessage === 'function') port.postMessage(message);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** What a person can put right, in one sentence; `undefined` for a bug. */
function explain(error: unknown): string | undefined {
  if (error instanceof UsageError) return `${error.message}\n\n${USAGE}`;
  if (error instanceof SeedError || error instanceof StateFileError) return error.message;
  if (!isSystemError(error)) return undefined;
  if (error.code === 'EADDRINUSE')
    return 'The port is already in use. Choose another with --port, or 0 for a free one.';
  if (error.code === 'EACCES' && error.syscall === 'listen')
    return 'This port needs administrator rights. Choose one above 1023.';
  if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'EISDIR' || error.code === 'ENOTDIR') {
    return `The state file cannot be used: ${error.message}`;
  }
  return undefined;
}

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  const seed = given.seed === undefined ? undefined : await readSeedDirectory(given.seed);
  const server = await startEmbeddedStripe({
    port: given.port,
    stateFile: given.state,
    settlementDelayMs: given.settlementDelay,
    rateLimit: given.rateLimit === undefined ? null : { perSecond: given.rateLimit, perEndpoint: given.rateLimit },
    ...(seed === undefined ? {} : { seed }),
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${server.url}\n`);
  tellParent({ url: server.url });
}

main().catch((error: unknown) => {
  const explanation = explain(error);
  console.error(explanation ?? error);
  process.exit(explanation === undefined ? 1 : 2);
});
