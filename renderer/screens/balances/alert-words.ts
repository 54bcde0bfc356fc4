import type { AlertEventView, AlertView } from '../../../shared/contract';
import type { StatusTone } from '../../components';

export const severities: Readonly<Record<AlertView['severity'], { tone: StatusTone; word: string; rank: number }>> = {
  critical: { tone: 'bad', word: 'Critical', rank: 0 },
  warning: { tone: 'attention', word: 'Warning', rank: 1 },
  information: { tone: 'information', word: 'Information', rank: 2 },
};

export const actionWords: Readonly<Record<AlertEventView['action'], string>> = {
  raised: 'Raised',
  notified: 'Shown on the desktop',
  acknowledged: 'Acknowledged',
  snoozed: 'Snoozed',
  resolved: 'Resolved',
  reopened: 'Opened again',
  ended: 'Ended',
};
