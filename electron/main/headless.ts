/**
 * `coffer headless …`: the command line of the installed app. Its executable cannot be used as a Node (the RunAsNode fuse is
 * off), so the command runs in the app's own main process, before Electron is ready: no window, no display, no profile.
 */
import path from 'node:path';
import { app } from 'electron';

/** @returns what follows the word `headless`, or null when a window is wanted */
export function headlessArguments(argv: readonly string[], packaged: boolean): string[] | null {
  return packaged && argv[1] === 'headless' ? argv.slice(2) : null;
}

/** Does not return: the process ends with the command's exit code. */
export async function runInsteadOfTheApp(args: readonly string[]): Promise<never> {
  const { runHeadless } = await import('../headless/command');
  const code = await runHeadless(args, {
    program: 'coffer headless',
    verifier: path.join(process.resourcesPath, 'resources', 'verify-binder.mjs'),
  });
  app.exit(code);
  return new Promise(() => undefined);
}
