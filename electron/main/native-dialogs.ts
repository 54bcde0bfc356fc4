import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { Dialogs, FileKind } from './dialogs';
import { queuedDialogs } from './queued-dialogs';

const mutable = (kinds: readonly FileKind[]) =>
  kinds.map(({ name, extensions }) => ({ name, extensions: [...extensions] }));

export function nativeDialogs(window: () => BrowserWindow | undefined): Dialogs {
  const open = async (options: OpenDialogOptions) => {
    const parent = window();
    const answer = await (parent ? dialog.showOpenDialog(parent, options) : dialog.showOpenDialog(options));
    return answer.canceled ? null : (answer.filePaths[0] ?? null);
  };
  return {
    chooseFolder: ({ title, button, startAt }) =>
      open({ title, buttonLabel: button, defaultPath: startAt, properties: ['openDirectory', 'createDirectory'] }),
    chooseFile: ({ title, button, kinds }) =>
      open({ title, buttonLabel: button, filters: mutable(kinds), properties: ['openFile'] }),
    async chooseSaveFile({ title, button, name, kinds }) {
      const options = { title, buttonLabel: button, defaultPath: name, filters: mutable(kinds) };
      const parent = window();
      const answer = await (parent ? dialog.showSaveDialog(parent, options) : dialog.showSaveDialog(options));
      return answer.canceled ? null : answer.filePath || null;
    },
  };
}

/** COFFER_TEST_DIALOGS names the file of answers; a packaged app does not listen to it. */
export function chooseDialogs(packaged: boolean, window: () => BrowserWindow | undefined): Dialogs {
  const file = process.env.COFFER_TEST_DIALOGS;
  return !packaged && file ? queuedDialogs(file) : nativeDialogs(window);
}
