import {
  BookOpen,
  CalendarCheck2,
  ChartNoAxesCombined,
  FileCheck2,
  GitCompareArrows,
  type LucideIcon,
  PiggyBank,
  Scale,
  Send,
  Settings,
  UserRound,
  UsersRound,
} from 'lucide-react';
import { Button } from 'react-aria-components';
import { type ScreenName, screenNames, screenTitles, useNavigation } from '../state/navigation';
import { useSession } from '../state/session';

export const screenIcons: Readonly<Record<ScreenName, LucideIcon>> = {
  balances: Scale,
  migration: PiggyBank,
  'month-end': CalendarCheck2,
  payouts: Send,
  creators: UserRound,
  subscribers: UsersRound,
  reconciliation: GitCompareArrows,
  audit: FileCheck2,
  revenue: ChartNoAxesCombined,
  settings: Settings,
  guide: BookOpen,
};

/** The first screen of each group: daily work, people, proof, the app itself. */
const startsGroup: ReadonlySet<ScreenName> = new Set(['creators', 'reconciliation', 'settings']);

export function NavigationRail() {
  const screen = useNavigation((navigation) => navigation.place.screen);
  const go = useNavigation((navigation) => navigation.go);
  const alerts = useSession((session) => session.alerts);
  return (
    <nav className="rail" aria-label="Screens">
      <ul>
        {screenNames.map((name) => {
          const Icon = screenIcons[name];
          return (
            <li key={name} className={startsGroup.has(name) ? 'rail-group' : undefined}>
              <Button
                className="rail-item"
                aria-current={name === screen ? 'page' : undefined}
                onPress={() => go(name)}
              >
                <Icon size={16} aria-hidden="true" />
                <span>{screenTitles[name]}</span>
                {name === 'balances' && alerts.open > 0 && (
                  <span className={alerts.critical > 0 ? 'rail-count tone-bad' : 'rail-count tone-attention'}>
                    {alerts.open}
                    <span className="visually-hidden"> open alerts</span>
                  </span>
                )}
              </Button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
