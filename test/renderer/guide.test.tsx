import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import GuideScreen from '../../renderer/screens/guide';
import {
  documentGroups,
  documents,
  findTitles,
  linkTarget,
  readDocument,
} from '../../renderer/screens/guide/documents';
import { slug } from '../../renderer/screens/guide/slug';
import { useNavigation } from '../../renderer/state/navigation';
import { simulateWindow } from './rendering';

simulateWindow();

beforeEach(() => {
  useNavigation.setState({ place: { screen: 'guide', params: {} }, past: [], future: [] });
  HTMLElement.prototype.scrollIntoView = () => {};
});

const page = () => screen.getByRole('article');

describe('the guide', () => {
  test('has the documents that finance needs, in the order of reading', () => {
    expect(documentGroups[0]?.documents.map((one) => one.id)).toEqual([
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
    ]);
  });

  test('renders headings, tables and lists of the first document', () => {
    render(<GuideScreen />);
    expect(within(page()).getByRole('heading', { level: 2, name: 'System summary' })).toBeDefined();
    expect(within(page()).getAllByRole('table').length).toBeGreaterThan(2);
    expect(within(page()).getAllByRole('listitem').length).toBeGreaterThan(4);
  });

  test('a link leads to the section of another document, and back leads back', async () => {
    render(<GuideScreen />);
    await userEvent.click(within(page()).getByRole('button', { name: 'the storage balance guide' }));
    expect(page().getAttribute('aria-label')).toBe('Storage balance guide');
    await userEvent.click(within(page()).getByRole('button', { name: 'critical alert' }));
    expect(page().getAttribute('aria-label')).toBe('Alerts');
    expect(document.activeElement?.textContent).toBe('Unexplained difference');
    act(() => useNavigation.getState().back());
    expect(page().getAttribute('aria-label')).toBe('Storage balance guide');
  });

  test('the search finds sections by their title and says so when there is none', async () => {
    render(<GuideScreen />);
    await userEvent.type(screen.getByRole('searchbox', { name: 'Search in titles' }), 'restricted');
    await userEvent.click(screen.getByRole('button', { name: 'The restricted key' }));
    expect(page().getAttribute('aria-label')).toBe('Stripe dashboard quick reference');
    await userEvent.type(screen.getByRole('searchbox'), ' zzz');
    expect(screen.getByText('No title has “restricted zzz”')).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the search' }));
    expect(screen.getByRole('button', { name: 'Migration' })).toBeDefined();
  });

  test('no document puts an anchor, a picture or raw HTML into the page', () => {
    for (const one of documents) {
      useNavigation.setState({ place: { screen: 'guide', params: { doc: one.id } } });
      const { unmount } = render(<GuideScreen />);
      expect(page().querySelectorAll('a, img, script, iframe, style')).toHaveLength(0);
      unmount();
    }
  });
});

describe('the documents', () => {
  const links = documents.flatMap((one) =>
    [...one.text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({ from: one.id, href: match[1] ?? '' })),
  );

  test('link to documents that are there, at headings that are there', () => {
    expect(links.length).toBeGreaterThan(10);
    const broken = links.filter(({ from, href }) => {
      if (/^https?:|^decisions\//.test(href)) return false;
      const target = linkTarget(href, from, documents);
      if (target.kind === 'elsewhere') return true;
      const text = documents.find((one) => one.id === target.document)?.text ?? '';
      const headings = [...text.matchAll(/^#{1,4} (.*)$/gm)].map((match) => slug(match[1] ?? ''));
      return target.section !== undefined && !headings.includes(target.section);
    });
    expect(broken).toEqual([]);
  });

  test('an address outside is text, never a way out of the app', () => {
    expect(linkTarget('https://docs.stripe.com/keys', 'rules', documents)).toEqual({
      kind: 'elsewhere',
      address: 'https://docs.stripe.com/keys',
    });
    expect(linkTarget('javascript:alert(1)', 'rules', documents).kind).toBe('elsewhere');
    expect(linkTarget('../README.md', 'rules', documents).kind).toBe('elsewhere');
    expect(linkTarget('#money', 'rules', documents)).toEqual({
      kind: 'document',
      document: 'rules',
      section: 'money',
    });
  });

  test('a heading inside a code block is not a section', () => {
    const read = readDocument('docs/x.md', '# X\n\n```\n## not one\n```\n\n## One `and` more\n');
    expect(read).toMatchObject({ id: 'x', title: 'X', sections: [{ id: 'one-and-more', title: 'One and more' }] });
  });

  test('are found by the title of a section, with only the sections that match', () => {
    const found = findTitles(documentGroups, 'golden');
    expect(found.flatMap((group) => group.documents.map((one) => one.id))).toEqual(['audit-log']);
    expect(found[0]?.documents[0]?.sections.map((one) => one.title)).toEqual(['Golden vectors']);
  });
});
