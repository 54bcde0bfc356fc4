import { useEffect, useRef, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button, EmptyState, PageHeader, TextField } from '../../components';
import { screenTitles, useNavigation } from '../../state/navigation';
import { documentGroups, documents, findTitles, type GuideDocument } from './documents';
import './guide.css';
import { RenderedDocument } from './rendered-document';

/** The documents of this version of Coffer, readable without a network. */
export default function GuideScreen() {
  const params = useNavigation((navigation) => navigation.place.params);
  const go = useNavigation((navigation) => navigation.go);
  const [words, setWords] = useState('');
  const first = documentGroups.find((group) => group.documents.length > 0)?.documents[0];
  const document = documents.find((one) => one.id === params.doc) ?? first;
  const open = (doc: string, section: string | undefined) =>
    go('guide', section === undefined ? { doc } : { doc, section });
  const found = findTitles(documentGroups, words);
  return (
    <>
      <PageHeader
        title={screenTitles.guide}
        subtitle="How Coffer keeps the two balances apart, what to do when, and the rules it calculates by."
      />
      <div className="guide">
        <nav className="guide-list" aria-label="Documents">
          <div className="guide-search">
            <TextField
              label="Search in titles"
              type="search"
              value={words}
              onChange={setWords}
              placeholder="binder, release, fee…"
            />
          </div>
          {found.length === 0 && (
            <EmptyState
              title={`No title has “${words.trim()}”`}
              actions={<Button onPress={() => setWords('')}>Clear the search</Button>}
            >
              The search looks at the titles of documents and of their sections.
            </EmptyState>
          )}
          {found.map(
            (group) =>
              group.documents.length > 0 && (
                <section key={group.title} aria-label={group.title}>
                  <h2>{group.title}</h2>
                  <ul>
                    {group.documents.map((one) => (
                      <li key={one.id}>
                        <AriaButton
                          className="guide-item"
                          aria-current={one.id === document?.id ? 'page' : undefined}
                          onPress={() => open(one.id, undefined)}
                        >
                          {one.title}
                        </AriaButton>
                        {(one.id === document?.id || words.trim() !== '') &&
                          one.sections.map((section) => (
                            <AriaButton
                              key={section.id}
                              className="guide-section"
                              onPress={() => open(one.id, section.id)}
                            >
                              {section.title}
                            </AriaButton>
                          ))}
                      </li>
                    ))}
                  </ul>
                </section>
              ),
          )}
        </nav>
        {document === undefined ? (
          <EmptyState title="No documents">This copy of Coffer was built without its documents.</EmptyState>
        ) : (
          <Page document={document} section={params.section} onOpen={open} />
        )}
      </div>
    </>
  );
}

interface PageProps {
  readonly document: GuideDocument;
  readonly section: string | undefined;
  readonly onOpen: (document: string, section: string | undefined) => void;
}

function Page({ document, section, onOpen }: PageProps) {
  const page = useRef<HTMLElement>(null);
  const shown = useRef<string | undefined>(undefined);
  useEffect(() => {
    const place = `${document.id}#${section ?? ''}`;
    const arrived = shown.current !== undefined;
    if (shown.current === place) return;
    shown.current = place;
    const target =
      section === undefined ? null : page.current?.querySelector<HTMLElement>(`[id="guide-${CSS.escape(section)}"]`);
    if (target instanceof HTMLElement) {
      target.scrollIntoView({ block: 'start' });
      target.focus({ preventScroll: true });
    } else {
      page.current?.scrollTo(0, 0);
      // The first document is shown with the screen, whose own heading has the focus.
      if (arrived) page.current?.focus({ preventScroll: true });
    }
  }, [document.id, section]);
  return (
    <article ref={page} className="guide-text" aria-label={document.title} tabIndex={-1}>
      <RenderedDocument document={document} onOpen={onOpen} />
    </article>
  );
}
