import type { NamedAmount } from '../../../shared/contract';
import { AmountCell } from '../../components';
import './coverage-equation.css';

interface PartsProps {
  readonly title: string;
  readonly parts: readonly NamedAmount[];
  readonly total: string;
  readonly currency: string;
  readonly nothing: string;
  readonly unexplained?: string;
  readonly alarming?: boolean;
}

/** Named amounts with their total, and what of it has no name. */
export function Parts({ title, parts, total, currency, nothing, unexplained, alarming = false }: PartsProps) {
  return (
    <section>
      <h3>{title}</h3>
      <ul className="parts">
        {parts.length === 0 && <li className="muted">{nothing}</li>}
        {parts.map((part) => (
          <li key={part.name} title={part.detail}>
            <span>
              {part.name}
              <span className="visually-hidden">: {part.detail}</span>
            </span>
            <AmountCell value={part.amount} currency={currency} />
          </li>
        ))}
        {unexplained !== undefined && (
          <li className={alarming ? 'parts-alarm' : undefined}>
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
