import { type FormEvent, useState } from 'react';
import type { CoverageAt } from '../../../shared/contract';
import {
  AmountCell,
  Banner,
  Button,
  Drawer,
  dateText,
  Failure,
  instantText,
  percent,
  Skeleton,
  TextField,
} from '../../components';
import { useQuery } from '../../state/coffer';
import { DifferenceParts, Parts } from './coverage-parts';
import { DriftItems } from './drift-items';

interface AsItStoodProps {
  /** The instant that was chosen; undefined: closed. */
  readonly at: string | undefined;
  readonly currency: string;
  readonly onChoose: (at: string) => void;
  readonly onClose: () => void;
}

/** The coverage equation as it stood at a past instant, its parts by name, with the lines behind them. */
export function AsItStood({ at, currency, onChoose, onClose }: AsItStoodProps) {
  return (
    <Drawer
      isOpen={at !== undefined}
      onClose={onClose}
      width={720}
      title={at === undefined ? '' : `As it stood on ${instantText(at)}, ${currency.toUpperCase()}`}
    >
      {at !== undefined && (
        <div className="past-equation">
          <ChooseInstant key={at} at={at} onChoose={onChoose} />
          <PastEquation at={at} currency={currency} />
        </div>
      )}
    </Drawer>
  );
}

const written = /^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})$/;

/** A minute as typed, in the zone of this computer: its end, so that a reading within it counts; undefined when it is none. */
function instantOf(text: string): string | undefined {
  const [, date, time] = written.exec(text.trim()) ?? [];
  if (date === undefined || time === undefined) return undefined;
  const start = new Date(`${date}T${time.padStart(5, '0')}:00`).getTime();
  // The 31st of a month of 30 days is read as the 1st of the next.
  if (Number.isNaN(start) || dateText(new Date(start).toISOString()) !== date) return undefined;
  const end = start + 59_999;
  const now = Date.now();
  return new Date(start <= now && now < end ? now : end).toISOString();
}

function ChooseInstant({ at, onChoose }: { readonly at: string; readonly onChoose: (at: string) => void }) {
  const shown = instantText(at).slice(0, 16);
  const [text, setText] = useState(shown);
  const [wrong, setWrong] = useState(false);
  const choose = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === shown) return;
    const chosen = instantOf(text);
    setWrong(chosen === undefined);
    if (chosen !== undefined) onChoose(chosen);
  };
  return (
    <form className="past-at" onSubmit={choose}>
      <TextField
        label="At"
        hint={`Year-month-day hour:minute, ${instantText(at).slice(17)}`}
        value={text}
        onChange={setText}
        maxLength={16}
        {...(wrong ? { error: 'Write a date and a time, like 2026-10-14 12:00.' } : {})}
      />
      <Button type="submit">Show</Button>
    </form>
  );
}

function PastEquation({ at, currency }: { readonly at: string; readonly currency: string }) {
  const past = useQuery('balances.at', { currency, at });
  if (past.error !== undefined) return <Failure failure={past.error} onRetry={past.reload} />;
  if (past.value === undefined || past.stale) return <Skeleton label="Loading the equation" height={240} />;
  const { storage, owed, owedParts, notes } = past.value;
  return (
    <>
      <ReadAt past={past.value} />
      <Terms past={past.value} />
      <Parts title="Owed, by name" parts={owedParts} total={owed} currency={currency} nothing="Nothing was owed." />
      {storage !== null && (
        <>
          <DifferenceParts of={storage} currency={currency} />
          {storage.unexplainedItems.length > 0 && (
            <section>
              <h3>Lines that nothing explained then</h3>
              <DriftItems items={storage.unexplainedItems} currency={currency} />
            </section>
          )}
          {storage.explained.map(
            ({ name, items }) =>
              items.length > 0 && (
                <section key={name}>
                  <h3>{name}</h3>
                  <DriftItems items={items} currency={currency} />
                </section>
              ),
          )}
        </>
      )}
      {notes.length > 0 && <p className="past-notes">{notes.join(' ')}</p>}
    </>
  );
}

function ReadAt({ past: { readAt, storage } }: { readonly past: CoverageAt }) {
  if (storage !== null && readAt !== null) return <p>Storage is as read at {instantText(readAt)}.</p>;
  return (
    <Banner tone="attention" title="What Storage held is not known.">
      {readAt === null
        ? 'There is no reading before this time.'
        : `The last reading before is of ${instantText(readAt)}.`}
    </Banner>
  );
}

function Terms({ past }: { readonly past: CoverageAt }) {
  const { storage, owed, currency } = past;
  const terms: readonly (readonly [label: string, amount: string | undefined])[] = [
    ['Storage available', storage?.available],
    ['+ Inbound pending', storage?.inboundPending],
    ['+ Outbound pending', storage?.outboundPending],
    ['− Owed to creators and suspense', owed],
  ];
  const difference = storage?.difference;
  return (
    <section>
      <h3>The equation</h3>
      <ul className="parts">
        {terms.map(([label, amount]) => (
          <li key={label}>
            <span>{label}</span>
            <Known amount={amount} currency={currency} />
          </li>
        ))}
        <li className="parts-total">
          <span>= {difference === undefined ? 'Difference' : BigInt(difference) < 0n ? 'Shortfall' : 'Surplus'}</span>
          <Known amount={difference} currency={currency} />
        </li>
        {storage !== null && (
          <li>
            <span>Coverage</span>
            <span className="numeric">
              {percent(storage.coverageBps)}
              <span className="amount-room" aria-hidden="true">
                )
              </span>
            </span>
          </li>
        )}
      </ul>
    </section>
  );
}

function Known({ amount, currency }: { readonly amount: string | undefined; readonly currency: string }) {
  return amount === undefined ? (
    <span className="muted">Not known</span>
  ) : (
    <AmountCell value={amount} currency={currency} />
  );
}
