export { csvCell, csvText } from './csv';
export { DataTable, type DataTableProps } from './data-table';
export type { FetchPage, Page, TableColumn } from './types';
