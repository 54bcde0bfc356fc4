/** Date and time of a person's own zone, always with the zone: `2026-10-31 14:05 CET`. */

let known: { readonly zone: string; readonly format: Intl.DateTimeFormat } | undefined;

/** Making a format takes longer than using it hundreds of times; it is made anew when the computer changes its zone. */
function formatOfNow(): Intl.DateTimeFormat {
  const zone = String(new Date().getTimezoneOffset());
  if (known?.zone === zone) return known.format;
  const format = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  known = { zone, format };
  return format;
}

function parts(at: Date): Record<string, string> {
  const format = formatOfNow();
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
}

/** `2026-10-31`; an instant that cannot be read comes back as it is. */
export function dateText(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  const { year, month, day } = parts(at);
  return `${year}-${month}-${day}`;
}

/** `2026-10-31 14:05 UTC`. */
export function instantText(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  const { year, month, day, hour, minute, timeZoneName } = parts(at);
  return `${year}-${month}-${day} ${hour}:${minute} ${timeZoneName}`;
}

/** `14:05 UTC`. */
export function timeText(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  const { hour, minute, timeZoneName } = parts(at);
  return `${hour}:${minute} ${timeZoneName}`;
}

/** Elapsed time in words a person reads at once: `850 ms`, `4.2 s`, `3 min 12 s`, `1 h 04 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
