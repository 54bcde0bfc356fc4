import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { AppInfo } from '../../shared/contract';
import { CofferError } from '../../shared/domain/coffer-error';

export type Runtime = AppInfo['runtime'];

const marker = z.object({ kind: z.enum(['official', 'stand-in']) });

/** The oldest Electron that gets security fixes; an older one may not hold a live key. */
const oldestForLive = 45;

/**
 * The runtime that Coffer runs on. Set-up leaves `coffer-runtime.json` next to the executable; a packaged build has none.
 * A marker that cannot be understood counts as a stand-in.
 */
export function readRuntime(executable: string, versions: Readonly<Record<string, string | undefined>>): Runtime {
  const electron = versions.electron ?? '';
  return {
    kind: runtimeKind(path.join(path.dirname(executable), 'coffer-runtime.json'), electron),
    electron,
    chrome: versions.chrome ?? '',
    node: versions.node ?? '',
  };
}

function runtimeKind(file: string, electron: string): Runtime['kind'] {
  if (Number.parseInt(electron, 10) < oldestForLive) return 'stand-in';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return 'official';
  }
  try {
    return marker.parse(JSON.parse(text)).kind;
  } catch {
    return 'stand-in';
  }
}

/** Live money only on a runtime that gets security fixes, and not while a debugger may act in the app. */
export function refuseLiveOn(runtime: Runtime, debugged = false): void {
  if (debugged) {
    throw new CofferError(
      'debugged',
      'Coffer was started with a debugging port; whoever reaches it could act in your name.',
      'Start Coffer without it to work with live money.',
    );
  }
  if (runtime.kind === 'official') return;
  throw new CofferError(
    'stand-in-runtime',
    `Coffer runs here on a stand-in runtime (Electron ${runtime.electron}), which is for the sandbox, tests and demos only.`,
    'Install Coffer’s packaged build, or start it with the official Electron, to work with live money. The sandbox and test mode work here.',
  );
}
