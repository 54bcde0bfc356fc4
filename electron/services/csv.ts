/**
 * CSV as auditors and spreadsheets take it: RFC 4180, CRLF, UTF-8 with BOM. Text that a spreadsheet would read as a formula gets a
 * leading apostrophe; numbers never do. The same rows give the same bytes.
 */
export type Cell = { readonly text: string } | { readonly number: bigint | number | string };

export const BOM = '\uFEFF';

/** A text cell; safe to open in a spreadsheet. */
export function text(value: string | null): Cell {
  return { text: value ?? '' };
}

/** A number cell; never changed. */
export function number(value: bigint | number | string | null): Cell {
  return { number: value ?? '' };
}

export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: Cell): string {
  if ('number' in value) return String(value.number);
  const safe = /^[=+\-@\t\r]/.test(value.text) ? `'${value.text}` : value.text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A whole file: header and rows. */
export function csvFile(columns: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let out = BOM + csvLine(columns.map(text));
  for (const row of rows) out += csvLine(row);
  return out;
}
