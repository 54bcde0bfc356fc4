import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  TextField as AriaTextField,
  Checkbox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  Select,
  SelectValue,
  Text,
  TextArea,
} from 'react-aria-components';
import { fromDecimal, parseCurrency } from '../../shared/money/money';
import './field.css';

interface FieldProps {
  readonly label: string;
  /** One sentence under the field: what it does. */
  readonly hint?: ReactNode;
  /** Why the value is not accepted and what is; stays in place. */
  readonly error?: string;
  readonly isDisabled?: boolean;
}

function Below({ hint, error }: Pick<FieldProps, 'hint' | 'error'>) {
  return (
    <>
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      {error !== undefined && <FieldError className="field-error">{error}</FieldError>}
    </>
  );
}

export interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'password' | 'search';
  readonly placeholder?: string;
  readonly maxLength?: number;
  /** Several lines. */
  readonly rows?: number;
  readonly autoFocus?: boolean;
  readonly isRequired?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { label, hint, error, value, onChange, type = 'text', placeholder, rows, ...rest } = props;
  return (
    <AriaTextField
      {...rest}
      className="field"
      value={value}
      onChange={onChange}
      type={type}
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <Label className="field-label">{label}</Label>
      {rows === undefined ? (
        <Input className="field-input" placeholder={placeholder} autoComplete="off" spellCheck="false" />
      ) : (
        <TextArea className="field-input" rows={rows} placeholder={placeholder} />
      )}
      <Below hint={hint} error={error} />
    </AriaTextField>
  );
}

export interface AmountFieldProps extends Omit<FieldProps, 'error'> {
  readonly currency: string;
  /** The text as typed: `7,000.00`. Read it with `parseAmount`. */
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly error?: string;
  readonly autoFocus?: boolean;
}

/** Reads the text of an AmountField as minor units; undefined when it is not an amount of the currency. */
export function parseAmount(text: string, currency: string): string | undefined {
  const code = parseCurrency(currency);
  return code === undefined ? undefined : fromDecimal(text, code)?.toString();
}

/** An amount in major units, right-aligned with its currency; says what it expects when it cannot be read. */
export function AmountField({ label, hint, error, currency, value, onChange, ...rest }: AmountFieldProps) {
  const unreadable = value.trim() !== '' && parseAmount(value, currency) === undefined;
  const problem =
    error ?? (unreadable ? `Write an amount of ${currency.toUpperCase()} in digits, like 1,250.00.` : undefined);
  return (
    <AriaTextField
      {...rest}
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
    >
      <Label className="field-label">{label}</Label>
      <span className="field-amount">
        <Input className="field-input" inputMode="decimal" autoComplete="off" />
        <span className="field-unit">{currency.toUpperCase()}</span>
      </span>
      <Below hint={hint} error={problem} />
    </AriaTextField>
  );
}

export interface Option<Id extends string = string> {
  readonly id: Id;
  readonly label: string;
  readonly detail?: string;
}

export interface SelectFieldProps<Id extends string> extends FieldProps {
  readonly options: readonly Option<Id>[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
  /** The label is read aloud but not shown: for filters in a header. */
  readonly hideLabel?: boolean;
}

export function SelectField<Id extends string>(props: SelectFieldProps<Id>) {
  const { label, hint, error, options, value, onChange, hideLabel = false, isDisabled = false } = props;
  return (
    <Select
      className="field"
      isDisabled={isDisabled}
      selectedKey={value}
      onSelectionChange={(key) => {
        const option = options.find((one) => one.id === key);
        if (option !== undefined) onChange(option.id);
      }}
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <Label className={hideLabel ? 'visually-hidden' : 'field-label'}>{label}</Label>
      <AriaButton className="field-input field-select">
        <SelectValue />
        <ChevronDown size={14} aria-hidden="true" />
      </AriaButton>
      <Below hint={hint} error={error} />
      <Popover className="popover" offset={2}>
        <ListBox className="list-box">
          {options.map((option) => (
            <ListBoxItem key={option.id} id={option.id} textValue={option.label} className="list-box-item">
              {({ isSelected }) => (
                <>
                  <span className="list-box-check" aria-hidden="true">
                    {isSelected && <Check size={14} />}
                  </span>
                  <span>{option.label}</span>
                </>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

export interface RadioFieldProps<Id extends string> extends FieldProps {
  readonly options: readonly Option<Id>[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
}

export function RadioField<Id extends string>({
  label,
  hint,
  error,
  options,
  value,
  onChange,
  isDisabled = false,
}: RadioFieldProps<Id>) {
  return (
    <RadioGroup
      className="field"
      isDisabled={isDisabled}
      value={value}
      onChange={(id) => {
        const option = options.find((one) => one.id === id);
        if (option !== undefined) onChange(option.id);
      }}
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <Label className="field-label">{label}</Label>
      {options.map((option) => (
        <Radio key={option.id} value={option.id} className="choice">
          <span className="choice-mark choice-round" aria-hidden="true" />
          <span>
            {option.label}
            {option.detail !== undefined && <span className="field-hint choice-detail">{option.detail}</span>}
          </span>
        </Radio>
      ))}
      <Below hint={hint} error={error} />
    </RadioGroup>
  );
}

export interface CheckFieldProps {
  readonly label: ReactNode;
  readonly isSelected: boolean;
  readonly onChange: (selected: boolean) => void;
  readonly isDisabled?: boolean;
}

export function CheckField({ label, ...rest }: CheckFieldProps) {
  return (
    <Checkbox {...rest} className="choice">
      {({ isSelected }) => (
        <>
          <span className="choice-mark" aria-hidden="true">
            {isSelected && <Check size={12} strokeWidth={3} />}
          </span>
          <span>{label}</span>
        </>
      )}
    </Checkbox>
  );
}
