/** An Electron window with nothing in it but a React button, and one bare IPC call: what Coffer's start, memory and calls are held against. */
import path from 'node:path';
import { app, BrowserWindow, ipcMain } from 'electron';

const out = path.resolve(import.meta.dirname, '..');

app.setPath('userData', process.env.BENCH_USER_DATA ?? '');
ipcMain.handle('bare', (_event, value: unknown) => value);
app.on('window-all-closed', () => app.quit());
void app.whenReady().then(() => {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    show: false,
    webPreferences: { preload: path.join(out, 'preload', 'index.cjs'), sandbox: true, spellcheck: false },
  });
  window.once('ready-to-show', () => window.show());
  return window.loadFile(path.join(out, 'renderer', 'index.html'));
});
