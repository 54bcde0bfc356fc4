/** Answers the channels about the schedule. */
import type { HandlersOf } from '../../service-host';
import type { ScheduleClock } from '../schedule-clock';

export function scheduleHandlers(schedule: ScheduleClock): HandlersOf<'schedule'> {
  return {
    'schedule.get': () => schedule.view(),
    'schedule.update': (settings) => schedule.update(settings),
  };
}
