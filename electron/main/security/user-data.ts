import path from 'node:path';
import { app } from 'electron';

/**
 * Tests give each app a folder of its own in COFFER_USER_DATA. A packaged app does not listen to it: whoever can set the
 * environment must not be able to put other books in front of the person.
 * @returns the folder, when it was set
 */
export function takeTestUserData(): string | null {
  const folder = process.env.COFFER_USER_DATA;
  if (app.isPackaged || !folder) return null;
  const absolute = path.resolve(folder);
  app.setPath('userData', absolute);
  app.setPath('sessionData', path.join(absolute, 'session'));
  return absolute;
}
