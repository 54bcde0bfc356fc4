/** Prints a page of our own making to PDF in a hidden window that runs no script, keeps nothing and reaches no network. */
import { BrowserWindow, session } from 'electron';
import { escapeMarkup } from '../services/markup';
import { denyDownloads } from './security/downloads';
import { cutNetwork } from './security/network';
import { denyPermissions } from './security/permissions';

export interface PrintedPage {
  /** A whole document; text of others in it is escaped. */
  readonly html: string;
  /** Plain text at the foot of every page, before "page 1 of 2". */
  readonly footer: string;
}

export interface PdfPrinter {
  print(page: PrintedPage): Promise<Uint8Array>;
  close(): void;
}

/** Not persistent: nothing of a statement stays behind. */
const PARTITION = 'statement';

/** Inches, as printToPDF takes them: 15 mm, and 18 mm where the footer stands. */
const MARGINS = { top: 0.59, right: 0.59, bottom: 0.71, left: 0.59 } as const;

/** One window for as many pages as wanted; `close` ends it. */
export function openPdfPrinter(): PdfPrinter {
  const own = session.fromPartition(PARTITION);
  cutNetwork(own);
  denyPermissions(own);
  denyDownloads(own);
  const window = new BrowserWindow({
    show: false,
    width: 794,
    height: 1_123,
    webPreferences: {
      session: own,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      javascript: false,
      spellcheck: false,
    },
  });
  return {
    async print({ html, footer }) {
      await window.loadURL(`data:text/html;charset=utf-8;base64,${Buffer.from(html, 'utf8').toString('base64')}`);
      return window.webContents.printToPDF({
        pageSize: 'A4',
        margins: MARGINS,
        printBackground: true,
        displayHeaderFooter: true,
        headerTemplate: '<span></span>',
        footerTemplate: footerTemplate(footer),
        generateTaggedPDF: true,
      });
    },
    close: () => window.destroy(),
  };
}

function footerTemplate(text: string): string {
  return `<div style="width:100%;margin:0 15mm;display:flex;justify-content:space-between;font:7pt 'DejaVu Sans',Arial,sans-serif;color:#525252"><span>${escapeMarkup(text)}</span><span>Page <span class="pageNumber"></span> of <span class="totalPages"></span></span></div>`;
}
