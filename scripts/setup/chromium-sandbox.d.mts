/** Switches that Electron needs here: `--no-sandbox` for root, none for anyone else. */
export declare function sandboxSwitches(): string[];
/** The same, for a person who opens the app: says why, and what may be in the way. */
export declare function explainSandbox(): string[];
