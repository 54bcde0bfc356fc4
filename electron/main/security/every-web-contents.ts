import { app, type WebContents } from 'electron';

/** What is set here holds for every page that ever exists, whoever creates it. */
export function onEveryWebContents(guard: (contents: WebContents) => void): void {
  app.on('web-contents-created', (_event, contents) => guard(contents));
}
