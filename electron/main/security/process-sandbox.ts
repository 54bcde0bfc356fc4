/**
 * Every renderer runs in the operating system's sandbox, also one that somebody creates with other preferences.
 * https://www.electronjs.org/docs/latest/tutorial/security#4-enable-process-sandboxing
 */
import { app } from 'electron';

/**
 * Before the app is ready. Chromium does not run as root without `--no-sandbox`, which tests and demos in a container
 * pass; the two do not go together.
 */
export function sandboxEveryRenderer(): void {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
}
