import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import Markdown, { type Components, type ExtraProps } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { documents, type GuideDocument, linkTarget } from './documents';
import { slug } from './slug';

interface RenderedDocumentProps {
  readonly document: GuideDocument;
  readonly onOpen: (document: string, section: string | undefined) => void;
}

const plugins = [remarkGfm];

/** Addresses are never navigated to, so they need no rewriting; what is not a document is shown as text. */
const keepAddress = (address: string) => address;

/** One document of the guide. HTML in it is not rendered, pictures are left out, and no link leaves the app. */
export function RenderedDocument({ document, onOpen }: RenderedDocumentProps) {
  const components: Components = {
    h1: heading('h2'),
    h2: heading('h3'),
    h3: heading('h4'),
    h4: heading('h5'),
    img: ({ alt }) => <span>{alt}</span>,
    table: ({ children }) => (
      <div className="simple-table-scroll">
        <table className="simple-table">{children}</table>
      </div>
    ),
    a: ({ href = '', children }) => {
      const target = linkTarget(href, document.id, documents);
      if (target.kind === 'document') {
        return (
          <AriaButton className="screen-link" onPress={() => onOpen(target.document, target.section)}>
            {children}
          </AriaButton>
        );
      }
      const same = textOfNode(children) === target.address;
      return (
        <span>
          {children}
          {!same && <span className="guide-address"> ({target.address})</span>}
        </span>
      );
    },
  };
  return (
    <Markdown remarkPlugins={plugins} skipHtml urlTransform={keepAddress} components={components}>
      {document.text}
    </Markdown>
  );
}

type HeadingTag = 'h2' | 'h3' | 'h4' | 'h5';

/** A heading one level down (the screen has the first), with the id that links lead to. */
function heading(Tag: HeadingTag) {
  return function Heading({ children, node }: { children?: ReactNode } & ExtraProps) {
    return (
      <Tag id={`guide-${slug(textOf(node))}`} tabIndex={-1}>
        {children}
      </Tag>
    );
  };
}

interface Hast {
  readonly type: string;
  readonly value?: unknown;
  readonly children?: readonly unknown[];
}

function isHast(node: unknown): node is Hast {
  return typeof node === 'object' && node !== null && 'type' in node;
}

/** The text of a parsed element. */
function textOf(node: unknown): string {
  if (!isHast(node)) return '';
  if (typeof node.value === 'string') return node.value;
  return (node.children ?? []).map(textOf).join('');
}

function textOfNode(children: ReactNode): string {
  return typeof children === 'string' ? children : '';
}
