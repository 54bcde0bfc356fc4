import { Button as AriaButton } from 'react-aria-components';
import type { CoverageView, ExplainedPart } from '../../../shared/contract';
import { AmountCell } from '../../components';
import { navigateTo } from '../../state/navigation';
import './coverage-equation.css';

interface PartsProps {
  readonly title: string;
  readonly parts: readonly ExplainedPart[];
  readonly total: string;
  readonly currency: string;
  readonly nothing: string;
  readonly unexplained?: string;
}

/** Named amounts with their total, and what of it has no name. */
export function Parts({ title, parts, total, currency, nothing, unexplained }: PartsProps) {
  return (
    <section>
      <h3>{title}</h3>
      <ul className="parts">
        {parts.length === 0 && <li className="muted">{nothing}</li>}
        {parts.map((part) => (
          <li key={part.name} title={part.detail}>
            <span>
              <Name part={part} />
              <span className="visually-hidden">: {part.detail}</span>
            </span>
            <AmountCell value={part.amount} currency={currency} />
          </li>
        ))}
        {unexplained !== undefined && (
          <li className={BigInt(unexplained) === 0n ? undefined : 'parts-alarm'}>
            <span>Unexplained</span>
            <AmountCell value={unexplained} currency={currency} />
          </li>
        )}
        <li className="parts-total">
          <span>Total</span>
          <AmountCell value={total} currency={currency} />
        </li>
      </ul>
    </section>
  );
}

/** A part that something can be done about leads there. */
function Name({ part: { name, screen } }: { readonly part: ExplainedPart }) {
  if (screen === undefined) return name;
  return (
    <AriaButton className="screen-link" onPress={() => navigateTo(screen)}>
      {name}
    </AriaButton>
  );
}

interface DifferencePartsProps {
  readonly of: Pick<CoverageView, 'difference' | 'explained' | 'unexplained'>;
  readonly currency: string;
}

/** The surplus or shortfall by name, with what nothing explains. */
export function DifferenceParts({ of, currency }: DifferencePartsProps) {
  return (
    <Parts
      title={BigInt(of.difference) < 0n ? 'Shortfall, by name' : 'Surplus, by name'}
      parts={of.explained}
      total={of.difference}
      currency={currency}
      nothing="No named parts."
      unexplained={of.unexplained}
    />
  );
}
