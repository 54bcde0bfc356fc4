export function inDesktopSession<T>(
  use: (env: NodeJS.ProcessEnv) => Promise<T>,
  options?: { display?: boolean },
): Promise<T>;
