/**
 * The design system. Screens import from here; its parts import one another by file. `./data-table` has an entry of its own, as the first
 * screen does without it.
 */
export { accounting, percent, plainDecimal, spoken } from '../format/amount';
export { shortId } from '../format/id';
export { amountsText, counted, type Sum, sumsByCurrency } from '../format/sums';
export { dateText, durationText, instantText, timeText } from '../format/time';
export { Amount, AmountCell, type AmountProps } from './amount';
export { Banner, type BannerProps } from './banner';
export { Button, type ButtonProps } from './button';
export { Checklist, type ChecklistProps } from './checklist';
export { ConfirmDialog, type ConfirmDialogProps } from './confirm-dialog';
export { CurrencyTabs, type CurrencyTabsProps, Segmented, type SegmentedProps } from './currency-tabs';
export { Dialog, type DialogProps } from './dialog';
export { Drawer, type DrawerProps } from './drawer';
export { EmptyState, type EmptyStateProps } from './empty-state';
export { Failure, type FailureProps } from './failure';
export {
  AmountField,
  type AmountFieldProps,
  CheckField,
  type CheckFieldProps,
  type Option,
  parseAmount,
  RadioField,
  type RadioFieldProps,
  SelectField,
  type SelectFieldProps,
  TextField,
  type TextFieldProps,
} from './field';
export { Figure, type FigureProps } from './figure';
export { IconButton, type IconButtonProps } from './icon-button';
export { KeyValue, type KeyValueItem } from './key-value';
export { PageHeader, type PageHeaderProps } from './page-header';
export { Panel, type PanelProps } from './panel';
export { notPaidStatuses, PayoutPill, parsePayoutStatus, payoutWords } from './payout-status';
export { NoPeriod, PeriodSelect, type PeriodSelectProps } from './period-select';
export { PlanHash } from './plan-hash';
export { Progress, type ProgressProps } from './progress';
export { ReasonDialog, type ReasonDialogProps } from './reason-dialog';
export { ScreenLink, type ScreenLinkProps } from './screen-link';
export { type SimpleColumn, SimpleTable, type SimpleTableProps } from './simple-table';
export { Skeleton, type SkeletonProps } from './skeleton';
export { Stat, type StatProps, StatRow } from './stat';
export { StatusPill, type StatusPillProps, StatusShape, type StatusTone } from './status-pill';
export { Stepper, type StepperProps, type StepperStep, type StepState } from './stepper';
export { Tabs, type TabsProps } from './tabs';
export { ToastRegion } from './toast';
export { TypedConfirmDialog, type TypedConfirmDialogProps } from './typed-confirm-dialog';
