import { contextBridge, ipcRenderer } from 'electron';

contextBridge.exposeInMainWorld('bare', {
  call: (value: unknown): Promise<unknown> => ipcRenderer.invoke('bare', value),
});
