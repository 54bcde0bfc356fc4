/** The certificate on paper: the same certificate gives the same bytes, and any name can stand on it. */
import { PDFDocument } from 'pdf-lib';
import { expect, test } from 'vitest';
import { certificateFiles, certificatePdf } from '../../../electron/services/certificate-pdf';
import type { CertificateView } from '../../../shared/contract/migration';

const pair = (payments: string, storage: string) => ({ currency: 'usd', payments, storage, obligations: '700000' });

function certificate(movements: number, approvedBy = 'Zoë Lindqvist'): CertificateView {
  return {
    id: 'MC-ABD16DCF',
    issuedAt: '2026-11-02T09:30:00.000Z',
    mode: 'sandbox',
    period: '2026-10',
    planHash: 'ab'.repeat(32),
    approvedBy,
    approvedAt: '2026-11-02T09:00:00.000Z',
    startedAt: '2026-11-02T09:10:00.000Z',
    completedAt: '2026-11-02T09:20:00.000Z',
    durationMs: 600_000,
    before: [pair('1000000', '0')],
    after: [pair('300000', '700000')],
    operations: Array.from({ length: movements }, (_, index) => ({
      index,
      intentId: `intent-${index}`,
      kind: index === 0 ? ('canary' as const) : ('fund' as const),
      currency: 'usd',
      amount: '10000',
      status: 'posted',
      stripeObject: `po_${'1QDivbkulR'.repeat(4)}${index}`,
      startedAt: '2026-11-02T09:11:00.000Z',
      settledAt: '2026-11-02T09:12:00.000Z',
      detail: '',
    })),
    checks: [{ code: 'posted', title: 'Every movement', outcome: 'pass', detail: '5 of 5', action: '' }],
  };
}

test('the same certificate gives the same bytes; another one does not', async () => {
  const first = await certificatePdf(certificate(5));
  expect(Buffer.from(first).equals(Buffer.from(await certificatePdf(certificate(5))))).toBe(true);
  expect(Buffer.from(first).equals(Buffer.from(await certificatePdf(certificate(6))))).toBe(false);
});

test('five movements fit on one page; two hundred take as many pages as they need', async () => {
  const pages = async (movements: number) =>
    (await PDFDocument.load(await certificatePdf(certificate(movements)))).getPageCount();
  expect(await pages(5)).toBe(1);
  expect(await pages(200)).toBeGreaterThan(4);
});

test('names of Eastern Europe and Greece stand on it; only a letter that the font lacks becomes a question mark', async () => {
  const bytesFor = async (name: string) => Buffer.from(await certificatePdf(certificate(1, name)));
  for (const name of ['Łukasz Wiśniewski', 'Юлия', 'Ελένη']) {
    const questions = name.replace(/\P{ASCII}/gu, '?');
    expect((await bytesFor(name)).equals(await bytesFor(questions)), name).toBe(false);
  }
  expect((await bytesFor('田中')).equals(await bytesFor('??'))).toBe(true);
});

test('a name in letters that the fonts lack does not stop it, and is whole in the JSON', async () => {
  const files = await certificateFiles(certificate(1, 'Юлия 田中 😀'));
  expect(files.map((file) => file.name)).toEqual(['certificate.json', 'certificate.pdf']);
  expect(String(files[0]?.content)).toContain('Юлия 田中 😀');
});
