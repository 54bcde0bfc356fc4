export declare const runtimeRecord: string;
export declare function electronRuntime(): {
  path: string;
  kind: 'official' | 'stand-in' | 'override';
  electron: string;
};
/** The Electron executable, for Playwright's `executablePath`. */
export declare function electronPath(): string;
