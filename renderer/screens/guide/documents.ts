/** The documents of `docs/`, bundled when the app is built: readable without a network, and always those of this version. */
import { slug } from './slug';

export interface Section {
  readonly id: string;
  readonly title: string;
}

export interface GuideDocument {
  /** The file's name without `.md`. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Headings of the second level. */
  readonly sections: readonly Section[];
}

const forFinance = [
  'system-summary',
  'storage-balance-guide',
  'stripe-dashboard-quick-reference',
  'payout-system',
  'month-end',
  'migration',
  'reconciliation',
  'alerts',
  'schedule',
  'monitoring',
  'backup',
];

export interface DocumentGroup {
  readonly title: string;
  readonly documents: readonly GuideDocument[];
}

/** A heading without the marks of markdown. */
function plain(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .trim();
}

/** Lines outside fenced code, so that a `#` in an example is no heading. */
function proseLines(text: string): readonly string[] {
  let fenced = false;
  return text.split(/\r?\n/).filter((line) => {
    const fence = /^\s*(```|~~~)/.test(line);
    if (fence) fenced = !fenced;
    return !fenced && !fence;
  });
}

export function readDocument(path: string, text: string): GuideDocument {
  const id = path.slice(path.lastIndexOf('/') + 1).replace(/\.md$/, '');
  const lines = proseLines(text);
  const title = lines.find((line) => line.startsWith('# '))?.slice(2) ?? id.replaceAll('-', ' ');
  const sections = lines
    .filter((line) => line.startsWith('## '))
    .map((line) => plain(line.slice(3)))
    .map((heading) => ({ id: slug(heading), title: heading }));
  return { id, title: plain(title), text, sections };
}

const files = import.meta.glob<string>('../../../docs/*.md', { query: '?raw', import: 'default', eager: true });

export const documents: readonly GuideDocument[] = Object.entries(files).map(([path, text]) =>
  readDocument(path, text),
);

/** Documents for the people who close months first, in the order of reading; then those for auditors and engineers. */
export const documentGroups: readonly DocumentGroup[] = [
  {
    title: 'For finance',
    documents: forFinance.flatMap((id) => documents.find((one) => one.id === id) ?? []),
  },
  {
    title: 'For auditors and engineers',
    documents: documents.filter((one) => !forFinance.includes(one.id)).sort((a, b) => (a.title < b.title ? -1 : 1)),
  },
];

/** The groups with the documents whose title or section titles contain the words; of those only the sections that do. */
export function findTitles(groups: readonly DocumentGroup[], words: string): readonly DocumentGroup[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return groups;
  const has = (text: string) => text.toLowerCase().includes(wanted);
  return groups
    .map((group) => ({
      ...group,
      documents: group.documents.flatMap((document) => {
        const sections = document.sections.filter((section) => has(section.title));
        return has(document.title) || sections.length > 0 ? [{ ...document, sections }] : [];
      }),
    }))
    .filter((group) => group.documents.length > 0);
}

export type LinkTarget =
  | { readonly kind: 'document'; readonly document: string; readonly section: string | undefined }
  | { readonly kind: 'elsewhere'; readonly address: string };

/** Where a link of a document leads: to a document of the guide, or elsewhere, which is shown as text only. */
export function linkTarget(href: string, present: string, known: readonly GuideDocument[]): LinkTarget {
  const [file = '', section] = href.split('#');
  const id = file === '' ? present : file.replace(/^\.\//, '').replace(/\.md$/, '');
  const isDocument = file === '' || (file.endsWith('.md') && known.some((one) => one.id === id));
  return isDocument
    ? { kind: 'document', document: id, section: section === '' ? undefined : section }
    : { kind: 'elsewhere', address: href };
}
