/** A reason that somebody else wrote, inside a sentence of ours: without its full stop, so that there is one at the end. */
export function withoutStop(text: string): string {
  return text.trimEnd().replace(/\.+$/, '');
}
