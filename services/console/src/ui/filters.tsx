import { useEffect, useId, useState, type ReactElement, type ReactNode } from 'react';

interface FiltersProps {
  readonly children: ReactNode;
  readonly label: string;
}

/** The line of filters above a list. */
export function Filters({ children, label }: FiltersProps): ReactElement {
  return (
    <form
      className="filters"
      role="search"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      {children}
    </form>
  );
}

interface TextFilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly options?: readonly string[];
}

const PAUSE_MS = 300;

/** A text that is taken over when one stops typing. */
export function TextFilter(props: TextFilterProps): ReactElement {
  const { label, value, onChange, placeholder, options } = props;
  const id = useId();
  const [typed, setTyped] = useState(value);
  const [taken, setTaken] = useState(value);
  // Another value from outside, such as a link to the same list, takes the place of what was typed.
  if (taken !== value) {
    setTaken(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => {
      onChange(typed.trim());
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [typed, value, onChange]);
  return (
    <label className="filter">
      <span>{label}</span>
      <input
        value={typed}
        placeholder={placeholder}
        list={options === undefined ? undefined : id}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value);
        }}
      />
      {options === undefined ? null : (
        <datalist id={id}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </label>
  );
}

interface TextFiltersProps<Name extends string> {
  /** Their names in the address, with their words. */
  readonly fields: readonly (readonly [name: Name, label: string])[];
  readonly values: Readonly<Record<Name, string>>;
  readonly onChange: (change: Partial<Record<Name, string>>) => void;
}

/** Several texts, each under its own name. */
export function TextFilters<Name extends string>(props: TextFiltersProps<Name>): ReactElement {
  const { fields, values, onChange } = props;
  return (
    <>
      {fields.map(([name, label]) => (
        <TextFilter
          key={name}
          label={label}
          value={values[name]}
          onChange={(value) => {
            onChange({ [name]: value } as Partial<Record<Name, string>>);
          }}
        />
      ))}
    </>
  );
}

interface ChoiceFilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Values with their words; '' stands for all. */
  readonly choices: readonly (readonly [value: string, text: string])[];
}

/** One of a few values. */
export function ChoiceFilter({ label, value, onChange, choices }: ChoiceFilterProps): ReactElement {
  return (
    <label className="filter">
      <span>{label}</span>
      <select
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface RangeProps {
  readonly from: string;
  readonly until: string;
  readonly onChange: (range: { readonly from: string; readonly until: string }) => void;
  /** Spans up to now, with their words. */
  readonly ranges?: readonly (readonly [from: string, text: string])[];
}

const usualRanges = [
  ['15m', 'last 15 minutes'],
  ['1h', 'last hour'],
  ['24h', 'last 24 hours'],
  ['168h', 'last 7 days'],
  ['', 'all'],
] as const;

/** A time range: up to now, or between two times of the operator's own clock. */
export function RangeFilter({
  from,
  until,
  onChange,
  ranges = usualRanges,
}: RangeProps): ReactElement {
  const isNamed = until === '' && ranges.some(([value]) => value === from);
  const [isOwn, setOwn] = useState(!isNamed);
  return (
    <>
      <ChoiceFilter
        label="Time"
        value={isOwn ? 'own' : from}
        choices={[...ranges, ['own', 'between …']]}
        onChange={(value) => {
          setOwn(value === 'own');
          if (value !== 'own') onChange({ from: value, until: '' });
        }}
      />
      {isOwn ? (
        <>
          <Moment
            label="From"
            value={from}
            onChange={(value) => {
              onChange({ from: value, until });
            }}
          />
          <Moment
            label="Until"
            value={until}
            onChange={(value) => {
              onChange({ from, until: value });
            }}
          />
        </>
      ) : null}
    </>
  );
}

function Moment({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactElement {
  return (
    <label className="filter">
      <span>{label}</span>
      <input
        type="datetime-local"
        step={1}
        value={localText(value)}
        onChange={(event) => {
          const { value: text } = event.target;
          onChange(text === '' ? '' : new Date(text).toISOString());
        }}
      />
    </label>
  );
}

/** What the field of a browser takes: the operator's own clock without a zone. */
function localText(utc: string): string {
  const date = new Date(utc);
  if (utc === '' || Number.isNaN(date.getTime())) return '';
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
