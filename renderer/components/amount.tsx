import { grouped } from '../format/amount';
import './amount.css';

export interface AmountProps {
  /** Minor units as a decimal string; `null`: not applicable (`—`); `undefined`: not loaded. */
  readonly value: string | null | undefined;
  readonly currency: string;
  /** Shows the code after the number; off in tables, where the currency stands in the header. */
  readonly showCurrency?: boolean;
  /** payments and storage colour the words; `difference` is good at zero or above and bad below. */
  readonly tone?: 'plain' | 'payments' | 'storage' | 'difference';
  readonly size?: 'small' | 'normal' | 'large' | 'huge';
  /** Keeps the room of the closing parenthesis, so that decimals align in a column. */
  readonly aligned?: boolean;
}

/** An amount in accounting form: `1,234.56`, `(1,234.56)`; read aloud as "minus 1,234.56". */
export function Amount(props: AmountProps) {
  const { value, currency, showCurrency = false, tone = 'plain', size = 'normal', aligned = false } = props;
  if (value === undefined) return <span className="amount-missing">not loaded</span>;
  if (value === null) {
    return (
      <span className={`amount amount-${size}`}>
        <span aria-hidden="true">—</span>
        <span className="visually-hidden">not applicable</span>
        {aligned && <Room />}
      </span>
    );
  }
  const { negative, text } = grouped(value, currency);
  const sign = tone === 'difference' ? (negative ? 'bad' : 'good') : tone;
  return (
    <span className={`amount amount-${size} amount-${sign}`}>
      {negative ? (
        <>
          <span className="visually-hidden">minus {text}</span>
          <span aria-hidden="true">({text})</span>
        </>
      ) : (
        <>
          {text}
          {aligned && <Room />}
        </>
      )}
      {showCurrency && <span className="amount-currency"> {currency.toUpperCase()}</span>}
    </span>
  );
}

function Room() {
  return (
    <span className="amount-room" aria-hidden="true">
      )
    </span>
  );
}

/** An amount in a column: right-aligned, decimals under one another. */
export function AmountCell(props: Omit<AmountProps, 'aligned' | 'showCurrency' | 'size'>) {
  return (
    <span className="amount-cell">
      <Amount {...props} aligned />
    </span>
  );
}
