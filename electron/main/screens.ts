/** The screens as the menu names them; `id` is what `app.navigate` carries. */
export interface Screen {
  readonly id: string;
  readonly label: string;
  readonly accelerator: string;
}

export const screens: readonly Screen[] = [
  { id: 'balances', label: 'Balances', accelerator: 'CmdOrCtrl+1' },
  { id: 'migration', label: 'Migration', accelerator: 'CmdOrCtrl+2' },
  { id: 'month-end', label: 'Month end', accelerator: 'CmdOrCtrl+3' },
  { id: 'payouts', label: 'Payouts', accelerator: 'CmdOrCtrl+4' },
  { id: 'creators', label: 'Creators', accelerator: 'CmdOrCtrl+5' },
  { id: 'subscribers', label: 'Subscribers', accelerator: 'CmdOrCtrl+6' },
  { id: 'reconciliation', label: 'Reconciliation', accelerator: 'CmdOrCtrl+7' },
  { id: 'audit', label: 'Audit & exports', accelerator: 'CmdOrCtrl+8' },
  { id: 'revenue', label: 'Revenue', accelerator: 'CmdOrCtrl+9' },
];

export const settingsScreen: Screen = { id: 'settings', label: 'Settings…', accelerator: 'CmdOrCtrl+,' };
export const guideScreen: Screen = { id: 'guide', label: 'Storage balance guide', accelerator: 'F1' };
