import { useState } from 'react';
import type { AuditRow } from '../../../shared/contract';
import { Drawer, EmptyState, instantText, KeyValue, Panel, ScreenLink } from '../../components';
import { DataTable, type TableColumn } from '../../components/data-table';
import { call } from '../../state/coffer';
import { actionWords } from './actions';

const columns: readonly TableColumn<AuditRow>[] = [
  {
    id: 'seq',
    header: 'No.',
    width: '72px',
    align: 'end',
    sortable: true,
    cell: (row) => row.seq.toLocaleString('en'),
    text: (row) => String(row.seq),
  },
  {
    id: 'at',
    header: 'Time',
    width: '164px',
    sortable: true,
    cell: (row) => instantText(row.at),
    text: (row) => row.at,
  },
  {
    id: 'actor',
    header: 'By',
    width: '128px',
    sortable: true,
    cell: (row) => row.actor,
    text: (row) => row.actor,
  },
  {
    id: 'action',
    header: 'What was done',
    width: 'minmax(190px, 0.8fr)',
    sortable: true,
    cell: (row) => <Filling>{actionWords(row.action, row.detail)}</Filling>,
    text: (row) => row.action,
  },
  {
    id: 'subject',
    header: 'To what',
    width: 'minmax(230px, 1.2fr)',
    sortable: true,
    cell: (row) => (
      <Filling title={row.subjectLabel === '' ? row.subject : `${row.subjectLabel} (${row.subject})`}>
        {row.subjectLabel === '' ? row.subject : row.subjectLabel}
      </Filling>
    ),
    text: (row) => row.subject,
  },
  {
    id: 'detail',
    header: 'Detail',
    width: 'minmax(232px, 1.16fr)',
    cell: (row) => <Filling>{row.detail}</Filling>,
    text: (row) => row.detail,
  },
  {
    id: 'hash',
    header: 'Hash',
    width: '112px',
    hidden: true,
    cell: (row) => <code>{row.hash.slice(0, 10)}…</code>,
    text: (row) => row.hash,
  },
];

/** Takes the width of its column and never widens it, so that columns stand under one another in all rows. */
function Filling({ children, title }: { readonly children: string; readonly title?: string }) {
  return (
    <span className="audit-filling" title={title}>
      {children}
    </span>
  );
}

export function AuditLog() {
  const [opened, setOpened] = useState<AuditRow>();
  return (
    <Panel flush grows>
      <DataTable
        label="Events of the audit log"
        columns={columns}
        rowKey={(row) => String(row.seq)}
        searchLabel="Person, action, subject or detail"
        initialSort={{ id: 'seq', descending: true }}
        fetchPage={(request) => call('audit.list', request)}
        onOpen={setOpened}
        {...(opened === undefined ? {} : { openKey: String(opened.seq) })}
        empty={
          <EmptyState title="Nothing was done yet">
            Every import, approval and movement of money adds an event here. Begin by importing data in{' '}
            <ScreenLink to="settings" params={{ tab: 'data' }}>
              Settings
            </ScreenLink>
            .
          </EmptyState>
        }
      />
      <Drawer
        isOpen={opened !== undefined}
        onClose={() => setOpened(undefined)}
        title={opened === undefined ? '' : `Event ${opened.seq}: ${actionWords(opened.action, opened.detail)}`}
      >
        {opened !== undefined && (
          <KeyValue
            items={[
              { label: 'Time', value: instantText(opened.at) },
              { label: 'Time, UTC', value: opened.at },
              { label: 'By', value: opened.actor },
              { label: 'Action', value: <span className="audit-code">{opened.action}</span> },
              ...(opened.subjectLabel === '' ? [] : [{ label: 'To what', value: opened.subjectLabel }]),
              {
                label: opened.subjectLabel === '' ? 'To what' : 'Its id',
                value: <span className="audit-code">{opened.subject}</span>,
              },
              { label: 'Detail', value: opened.detail === '' ? '—' : opened.detail },
              { label: 'Hash', value: <span className="audit-code">{opened.hash}</span> },
            ]}
          />
        )}
      </Drawer>
    </Panel>
  );
}
