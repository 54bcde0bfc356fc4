/**
 * The migration certificate on paper: A4, as many pages as it needs. The same certificate gives the same bytes.
 * Imported when one is made: the PDF library and its fonts are half of the main process's code.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import fontkit from '@pdf-lib/fontkit';
import { PDFDocument, type PDFFont, type PDFPage, type RGB, rgb } from 'pdf-lib';
import type { CertificateView } from '../../shared/contract/migration';
import { countOf } from '../../shared/domain/count-of';
import { amountText, grouped } from '../../shared/money/amount-text';
import { currency as toCurrency } from '../../shared/money/money';
import type { SavedFile } from './exports/write-files';

const PAGE = { width: 595, height: 842, margin: 56, foot: 52 } as const;
const INK = rgb(0.09, 0.09, 0.09);
const MUTED = rgb(0.42, 0.42, 0.42);
const RULE = rgb(0.78, 0.78, 0.78);
const GAP = 6;
const installed = createRequire(import.meta.url);

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: boolean;
}

class Paper {
  readonly #document: PDFDocument;
  readonly #plain: PDFFont;
  readonly #bold: PDFFont;
  readonly #footer: string;
  #page: PDFPage;
  #y = 0;

  constructor(document: PDFDocument, plain: PDFFont, bold: PDFFont, footer: string) {
    this.#document = document;
    this.#plain = plain;
    this.#bold = bold;
    this.#footer = footer;
    this.#page = this.#newPage();
  }

  #newPage(): PDFPage {
    const page = this.#document.addPage([PAGE.width, PAGE.height]);
    this.#y = PAGE.height - PAGE.margin;
    return page;
  }

  #room(height: number): void {
    if (this.#y - height < PAGE.foot) this.#page = this.#newPage();
  }

  #draw(text: string, x: number, size: number, font = this.#plain, color: RGB = INK): void {
    this.#page.drawText(printable(font, text), { x, y: this.#y, size, font, color });
  }

  space(height: number): void {
    this.#y -= height;
  }

  line(text: string, size: number, style: { bold?: boolean; muted?: boolean } = {}): void {
    const font = style.bold === true ? this.#bold : this.#plain;
    for (const part of wrapped(font, text, size, PAGE.width - 2 * PAGE.margin)) {
      this.#room(size + 4);
      this.#y -= size + 4;
      this.#draw(part, PAGE.margin, size, font, style.muted === true ? MUTED : INK);
    }
  }

  heading(text: string): void {
    this.#room(80);
    this.space(14);
    this.line(text, 12, { bold: true });
    this.space(4);
  }

  facts(rows: readonly (readonly [string, string])[]): void {
    for (const [name, value] of rows) {
      this.#room(15);
      this.#y -= 15;
      this.#draw(name, PAGE.margin, 9.5, this.#plain, MUTED);
      this.#draw(value, PAGE.margin + 130, 9.5);
    }
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    this.#row(
      columns,
      columns.map((column) => column.title),
      this.#bold,
      8,
    );
    for (const row of rows) this.#row(columns, row, this.#plain, 8.5);
  }

  #row(columns: readonly Column[], cells: readonly string[], font: PDFFont, size: number): void {
    const parts = columns.map((column, index) => wrapped(font, cells[index] ?? '', size, column.width - GAP));
    const height = Math.max(...parts.map((lines) => lines.length)) * (size + 3) + 5;
    this.#room(height);
    const top = this.#y;
    let x = PAGE.margin;
    for (const [index, column] of columns.entries()) {
      for (const [at, part] of (parts[index] ?? []).entries()) {
        this.#y = top - (at + 1) * (size + 3);
        const shift =
          column.right === true ? column.width - GAP - font.widthOfTextAtSize(printable(font, part), size) : 0;
        this.#draw(part, x + shift, size, font);
      }
      x += column.width;
    }
    this.#y = top - height;
    this.#page.drawLine({
      start: { x: PAGE.margin, y: this.#y },
      end: { x: PAGE.width - PAGE.margin, y: this.#y },
      thickness: 0.5,
      color: RULE,
    });
  }

  signatures(): void {
    this.#room(80);
    this.space(58);
    const half = (PAGE.width - 2 * PAGE.margin - 30) / 2;
    for (const [x, title] of [
      [PAGE.margin, 'Signature'],
      [PAGE.margin + half + 30, 'Date and place'],
    ] as const) {
      this.#page.drawLine({ start: { x, y: this.#y }, end: { x: x + half, y: this.#y }, thickness: 0.7, color: INK });
      this.#page.drawText(title, { x, y: this.#y - 12, size: 8.5, font: this.#plain, color: MUTED });
    }
  }

  number(): void {
    const pages = this.#document.getPages();
    for (const [index, page] of pages.entries()) {
      const text = printable(this.#plain, `${this.#footer}  ·  page ${index + 1} of ${pages.length}`);
      page.drawText(text, { x: PAGE.margin, y: 34, size: 7.5, font: this.#plain, color: MUTED });
    }
  }
}

const LETTERS = new WeakMap<PDFFont, ReadonlySet<number>>();

/** Latin, Greek, Cyrillic and many more stand in the font; a letter that it lacks becomes a question mark. certificate.json has every one. */
function printable(font: PDFFont, text: string): string {
  const letters = LETTERS.get(font) ?? new Set(font.getCharacterSet());
  LETTERS.set(font, letters);
  return [...text.replace(/\s+/g, ' ')].map((one) => (letters.has(one.codePointAt(0) ?? 0) ? one : '?')).join('');
}

function wrapped(font: PDFFont, text: string, size: number, width: number): string[] {
  const fits = (part: string): boolean => font.widthOfTextAtSize(printable(font, part), size) <= width;
  if (fits(text)) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (fits(line === '' ? word : `${line} ${word}`)) {
      line = line === '' ? word : `${line} ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    // A word longer than the column (a Stripe id) is broken where it must be.
    for (const letter of word) {
      if (!fits(line + letter)) {
        lines.push(line);
        line = '';
      }
      line += letter;
    }
  }
  return [...lines, line];
}

const KIND_WORDS: Readonly<Record<CertificateView['operations'][number]['kind'], string>> = {
  canary: 'Canary',
  fund: 'To Storage',
  compensate: 'Taken back',
};

const instantText = (instant: string | null): string =>
  instant === null ? '—' : `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;

function amount(text: string, code: string): string {
  return grouped(BigInt(text), toCurrency(code));
}

/** The certificate as it leaves Coffer: for programs and on paper. */
export async function certificateFiles(certificate: CertificateView): Promise<SavedFile[]> {
  return [
    {
      name: 'certificate.json',
      title: 'Migration certificate',
      rows: certificate.operations.length,
      content: `${JSON.stringify(certificate, null, 1)}\n`,
    },
    {
      name: 'certificate.pdf',
      title: 'Migration certificate on paper',
      rows: certificate.operations.length,
      content: await certificatePdf(certificate),
    },
  ];
}

export async function certificatePdf(certificate: CertificateView): Promise<Uint8Array> {
  const document = await PDFDocument.create({ updateMetadata: false });
  const issued = new Date(certificate.issuedAt);
  document.setTitle(`Certificate of migration ${certificate.id}`);
  document.setProducer('Coffer');
  document.setCreator('Coffer');
  document.setCreationDate(issued);
  document.setModificationDate(issued);
  document.registerFontkit(fontkit);
  const letters = async (name: string) =>
    document.embedFont(await readFile(installed.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)), { subset: true });
  const paper = new Paper(
    document,
    await letters('DejaVuSansCondensed'),
    await letters('DejaVuSansCondensed-Bold'),
    `Certificate of migration ${certificate.id}`,
  );
  const moved = certificate.operations.filter((one) => one.kind !== 'compensate');
  const totals = new Map<string, bigint>();
  for (const one of moved) totals.set(one.currency, (totals.get(one.currency) ?? 0n) + BigInt(one.amount));
  const sum = [...totals].map(([code, total]) => amountText(total, toCurrency(code))).join(', ');

  paper.line(`Coffer · ${certificate.mode.toUpperCase()}`, 9, { muted: true });
  paper.line('Certificate of migration', 22, { bold: true });
  paper.space(4);
  paper.line(`No. ${certificate.id} · issued ${instantText(certificate.issuedAt)}`, 9, { muted: true });
  paper.space(10);
  paper.line(
    moved.length === 0
      ? 'Storage already held what is owed to creators; no movement was needed.'
      : `${sum} was moved from Payments to Storage in ${countOf(moved.length, 'movement')}, each verified at both ends. Storage holds what is owed to creators, and every cent is accounted for.`,
    10.5,
  );
  if (certificate.mode !== 'live')
    paper.line(`No real money was moved: this is a certificate of the ${certificate.mode}.`, 10.5);
  paper.space(8);
  paper.facts([
    ['Period', certificate.period],
    ['Started', instantText(certificate.startedAt)],
    ['Completed', instantText(certificate.completedAt)],
    ['Duration', `${(certificate.durationMs / 1000).toFixed(1)} s`],
    ['Approved by', certificate.approvedBy],
    ['Approved', instantText(certificate.approvedAt)],
    ['Approved plan (SHA-256)', certificate.planHash],
  ]);
  paper.heading('Balances before and after');
  paper.table(
    [
      { title: 'Currency', width: 63 },
      { title: 'When', width: 60 },
      { title: 'Payments', width: 120, right: true },
      { title: 'Storage', width: 120, right: true },
      { title: 'Owed to creators', width: 120, right: true },
    ],
    (['before', 'after'] as const).flatMap((when) =>
      certificate[when].map((pair) => [
        pair.currency.toUpperCase(),
        when === 'before' ? 'Before' : 'After',
        amount(pair.payments, pair.currency),
        amount(pair.storage, pair.currency),
        amount(pair.obligations, pair.currency),
      ]),
    ),
  );
  paper.heading('Movements');
  paper.table(
    [
      { title: '#', width: 24, right: true },
      { title: 'Movement', width: 54 },
      { title: 'Currency', width: 44 },
      { title: 'Amount', width: 72, right: true },
      { title: 'Status', width: 46 },
      { title: 'Stripe id', width: 128 },
      { title: 'Settled', width: 115 },
    ],
    certificate.operations.map((one) => [
      String(one.index + 1),
      KIND_WORDS[one.kind],
      one.currency.toUpperCase(),
      amount(one.amount, one.currency),
      one.status,
      one.stripeObject ?? '—',
      instantText(one.settledAt),
    ]),
  );
  paper.heading('Checks');
  paper.table(
    [
      { title: 'Result', width: 60 },
      { title: 'Check', width: 170 },
      { title: 'What was found', width: 253 },
    ],
    certificate.checks.map((check) => [check.outcome === 'pass' ? 'Passed' : 'Not passed', check.title, check.detail]),
  );
  paper.signatures();
  paper.number();
  return document.save();
}
