export interface FileKind {
  readonly name: string;
  /** Without the dot. */
  readonly extensions: readonly string[];
}

/** The system's own dialogs; each answers with an absolute path, or null when the person cancelled. */
export interface Dialogs {
  chooseFolder(options: { title: string; button?: string; startAt?: string }): Promise<string | null>;
  chooseFile(options: { title: string; button?: string; kinds: readonly FileKind[] }): Promise<string | null>;
  chooseSaveFile(options: {
    title: string;
    button?: string;
    name: string;
    kinds: readonly FileKind[];
  }): Promise<string | null>;
}
