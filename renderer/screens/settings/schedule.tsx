import { useState } from 'react';
import type { ScheduledView, ScheduleView } from '../../../shared/contract';
import {
  amountsText,
  Button,
  CheckField,
  Failure,
  instantText,
  KeyValue,
  Panel,
  SelectField,
  SimpleTable,
  Skeleton,
  StatusPill,
  type StatusTone,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { tell } from '../../state/toasts';

type Settings = ScheduleView['settings'];

/** Reminders around the end of a month, and a preparation that waits for a person. */
export function Schedule() {
  const query = useQuery('schedule.get', undefined, { reloadOn: ['data.changed'] });
  if (query.error !== undefined && query.value === undefined) {
    return <Failure failure={query.error} onRetry={query.reload} />;
  }
  if (query.value === undefined) return <Skeleton label="Loading the schedule" height={360} />;
  return (
    <div className="stack">
      <div className="settings-columns">
        <Editor key={JSON.stringify(query.value.settings)} settings={query.value.settings} onSaved={query.set} />
        <Next view={query.value} />
      </div>
      <Past rows={query.value.past} />
    </div>
  );
}

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const daysBefore = count(0, 15).map((day) => ({
  id: String(day),
  label: day === 0 ? 'On its last day' : day === 1 ? '1 day before its last day' : `${day} days before its last day`,
}));
const daysAfter = count(0, 15).map((day) => ({
  id: String(day),
  label: day === 0 ? 'On the first day after' : day === 1 ? '1 day later' : `${day} days later`,
}));
const prepareDays = count(1, 15).map((day) => ({ id: String(day), label: `Day ${day} of the month after` }));
const hours = count(0, 23).map((hour) => ({ id: String(hour), label: `${String(hour).padStart(2, '0')}:00` }));

interface EditorProps {
  readonly settings: Settings;
  readonly onSaved: (view: ScheduleView) => void;
}

function Editor({ settings, onSaved }: EditorProps) {
  const update = useAction('schedule.update');
  const [form, setForm] = useState(settings);
  const put = (part: Partial<Settings>) => setForm((before) => ({ ...before, ...part }));
  const changed = JSON.stringify(form) !== JSON.stringify(settings);
  const off = !form.remind && !form.prepare;
  const save = async () => {
    const result = await update.run(form);
    if (!result.ok) return;
    onSaved(result.value);
    tell('Schedule saved', off ? 'Nothing runs or reminds by itself.' : 'It holds from now on.');
  };
  return (
    <Panel title="What Coffer does by itself">
      <div className="stack">
        <CheckField
          label="Remind me of the end of the month"
          isSelected={form.remind}
          onChange={(remind) => put({ remind })}
        />
        <SelectField
          label="Before the month ends"
          options={daysBefore}
          value={String(form.remindDaysBefore)}
          isDisabled={!form.remind}
          onChange={(day) => put({ remindDaysBefore: Number(day) })}
        />
        <SelectField
          label="After it, while it is not closed"
          options={daysAfter}
          value={String(form.remindDaysAfter)}
          isDisabled={!form.remind}
          hint="At 09:00 in the time of this computer."
          onChange={(day) => put({ remindDaysAfter: Number(day) })}
        />
        <CheckField
          label="Prepare the month end: checks, lock, earnings, use it or lose it, funding plan"
          isSelected={form.prepare}
          onChange={(prepare) => put({ prepare })}
        />
        <SelectField
          label="Prepare on"
          options={prepareDays}
          value={String(form.prepareDay)}
          isDisabled={!form.prepare}
          onChange={(day) => put({ prepareDay: Number(day) })}
        />
        <SelectField
          label="At"
          options={hours}
          value={String(form.prepareHour)}
          isDisabled={!form.prepare}
          hint="It moves no money and approves nothing: it waits for you before the funding. A warning or a blocker stops it. If the computer slept, it runs once on waking."
          onChange={(hour) => put({ prepareHour: Number(hour) })}
        />
        <CheckField
          label="Keep Coffer in the tray when its window is closed"
          isSelected={form.keepInTray}
          isDisabled={off}
          onChange={(keepInTray) => put({ keepInTray })}
        />
        <p className="field-hint">
          To end Coffer then, choose Quit in the tray or in the menu. Without it, the schedule works only while Coffer
          is open, and makes up for what it missed at the next start.
        </p>
        {update.error !== undefined && <Failure failure={update.error} />}
        <div className="row">
          <Button kind="primary" isBusy={update.busy} isDisabled={!changed} onPress={save}>
            Save the schedule
          </Button>
          <Button isDisabled={!changed} onPress={() => setForm(settings)}>
            Undo changes
          </Button>
        </div>
      </div>
    </Panel>
  );
}

const kindWords: Readonly<Record<ScheduledView['kind'], string>> = {
  'remind-before': 'Reminder before',
  'remind-after': 'Reminder after',
  prepare: 'Preparation',
};

function Next({ view }: { readonly view: ScheduleView }) {
  return (
    <Panel title="What comes next">
      {view.next.length === 0 ? (
        <p className="muted">
          {view.openPeriod === null
            ? 'No month is open yet: import your data first.'
            : `Nothing more for ${view.openPeriod}. The next month follows once it is closed.`}
        </p>
      ) : (
        <KeyValue
          items={view.next.map((one) => ({
            label: one.kind === 'prepare' ? `Preparation of ${one.period}` : `${kindWords[one.kind]} its end`,
            value: instantText(one.at),
          }))}
        />
      )}
    </Panel>
  );
}

const stateWords: Readonly<Record<ScheduledView['state'], readonly [tone: StatusTone, word: string]>> = {
  running: ['information', 'Running'],
  later: ['attention', 'Is tried again'],
  reminded: ['neutral', 'Done'],
  ready: ['good', 'Waits for you'],
  stopped: ['attention', 'Needs you'],
};

function Past({ rows }: { readonly rows: readonly ScheduledView[] }) {
  return (
    <Panel title="What was done" flush>
      <SimpleTable<ScheduledView>
        caption="What the schedule did, newest first"
        rows={rows}
        rowKey={(row) => `${row.period} ${row.kind}`}
        empty="Nothing yet."
        columns={[
          { id: 'period', header: 'Month', cell: (row) => <span className="schedule-fixed">{row.period}</span> },
          { id: 'kind', header: 'What', cell: (row) => kindWords[row.kind] },
          { id: 'due', header: 'Due', cell: (row) => instantText(row.dueAt) },
          { id: 'at', header: 'Done', cell: (row) => instantText(row.endedAt ?? row.startedAt) },
          {
            id: 'state',
            header: 'State',
            cell: (row) => <StatusPill tone={stateWords[row.state][0]}>{stateWords[row.state][1]}</StatusPill>,
          },
          {
            id: 'detail',
            header: 'Detail',
            cell: (row) => (
              <>
                {row.detail}
                {row.funding.length > 0 && <div className="muted">To move to Storage: {amountsText(row.funding)}</div>}
              </>
            ),
          },
        ]}
      />
    </Panel>
  );
}
