import { useId, useState, type ReactElement } from 'react';
import {
  fieldsOf,
  readField,
  readLines,
  writeLines,
  type Field,
  type JsonSchema,
} from '../core/entry-schema.ts';
import { title } from '../core/format.ts';
import { RowsField } from './rows-field.tsx';

type Entry = Readonly<Record<string, unknown>>;

/** A mistake that the server names, by its place in the entry: `timers.invite`. */
interface FieldMistake {
  readonly path: string;
  readonly message: string;
}

interface EntryFormProps {
  readonly schema: JsonSchema;
  readonly entry: Entry;
  readonly mistakes: readonly FieldMistake[];
  readonly isReadOnly: boolean;
  /** A field that cannot be changed: what the entry is called by. */
  readonly fixed?: string | undefined;
  readonly onChange: (entry: Entry) => void;
  /** What is set most, and stands first. */
  readonly most?: readonly string[];
  /** Where in the entry these fields are. */
  readonly path?: string;
}

/** The values of an object, each put in as its schema says. */
export function EntryForm(props: EntryFormProps): ReactElement {
  const { schema, entry, mistakes, isReadOnly, fixed, onChange, path = '', most } = props;
  return (
    <div className="fields">
      {fieldsOf(schema, most).map((field) => {
        const place = path === '' ? field.name : `${path}.${field.name}`;
        return (
          <FieldInput
            key={field.name}
            field={field}
            path={place}
            value={entry[field.name]}
            mistakes={mistakes.filter(
              ({ path: at }) =>
                at === place || at.startsWith(`${place}.`) || at.startsWith(`${place}[`),
            )}
            isReadOnly={isReadOnly || field.name === fixed}
            onChange={(value) => {
              const rest = Object.fromEntries(
                Object.entries(entry).filter(([name]) => name !== field.name),
              );
              onChange(value === undefined ? rest : { ...entry, [field.name]: value });
            }}
          />
        );
      })}
    </div>
  );
}

interface FieldInputProps {
  readonly field: Field;
  readonly path: string;
  readonly value: unknown;
  readonly mistakes: readonly FieldMistake[];
  readonly isReadOnly: boolean;
  readonly onChange: (value: unknown) => void;
}

function FieldInput(props: FieldInputProps): ReactElement {
  const { field, value, path, mistakes, isReadOnly, onChange } = props;
  const id = useId();
  const { description, properties } = field.schema;
  if (field.kind === 'group' && properties !== undefined) {
    return (
      <details className="group" open={value !== undefined && field.isRequired}>
        <summary>
          {title(field.name)} <span className="note">{value === undefined ? 'not set' : ''}</span>
        </summary>
        {description === undefined ? null : <p className="note">{description}</p>}
        <EntryForm
          schema={field.schema}
          entry={isEntry(value) ? value : {}}
          mistakes={mistakes}
          isReadOnly={isReadOnly}
          path={path}
          onChange={(next) => {
            onChange(Object.keys(next).length === 0 ? undefined : next);
          }}
        />
      </details>
    );
  }
  const hints = [description, rangeOf(field.schema), defaultOf(field.schema)].filter(Boolean);
  const isBad = mistakes.length > 0;
  const described = { id, 'aria-invalid': isBad, 'aria-describedby': `${id}-hint` } as const;
  return (
    <div className={isBad ? 'field bad' : 'field'}>
      <label htmlFor={id}>
        {title(field.name)}
        {field.isRequired ? <span className="required"> needed</span> : null}
      </label>
      <Input {...props} described={described} />
      <div id={`${id}-hint`} className="hint">
        {mistakes.map(({ path: at, message }) => (
          <span key={`${at} ${message}`} className="mistake">
            {message}
          </span>
        ))}
        {hints.join(' ')}
      </div>
    </div>
  );
}

interface InputProps extends FieldInputProps {
  readonly described: Readonly<Record<string, string | boolean>> & { readonly id: string };
}

function Input({ field, value, isReadOnly, onChange, described }: InputProps): ReactElement {
  const { kind, schema } = field;
  if (kind === 'choice') {
    return (
      <select
        {...described}
        disabled={isReadOnly}
        value={value === undefined ? '' : JSON.stringify(value)}
        onChange={(event) => {
          onChange(
            event.target.value === '' ? undefined : (JSON.parse(event.target.value) as unknown),
          );
        }}
      >
        <option value="">not set</option>
        {(schema.enum ?? []).map((each) => (
          <option key={String(each)} value={JSON.stringify(each)}>
            {String(each)}
          </option>
        ))}
      </select>
    );
  }
  if (kind === 'boolean') {
    return (
      <select
        {...described}
        disabled={isReadOnly}
        value={textOf(value)}
        onChange={(event) => {
          onChange(event.target.value === '' ? undefined : event.target.value === 'true');
        }}
      >
        <option value="">not set</option>
        <option value="true">yes</option>
        <option value="false">no</option>
      </select>
    );
  }
  if (kind === 'rows')
    return (
      <RowsField
        schema={schema.items ?? {}}
        rows={rowsOf(value)}
        isReadOnly={isReadOnly}
        label={title(field.name)}
        onChange={onChange}
        id={described.id}
      />
    );
  if (kind === 'lines' || kind === 'json')
    return <TextArea {...{ field, value, isReadOnly, onChange, described }} />;
  return (
    <input
      {...described}
      readOnly={isReadOnly}
      type={kind === 'secret' ? 'password' : 'text'}
      inputMode={kind === 'integer' ? 'numeric' : undefined}
      autoComplete={kind === 'secret' ? 'new-password' : 'off'}
      value={textOf(value)}
      onChange={(event) => {
        onChange(readField(kind, event.target.value));
      }}
    />
  );
}

/** A list with an entry a line, or what is written as JSON: the text is kept as it is typed. */
function TextArea({
  field: { kind, schema },
  value,
  isReadOnly,
  onChange,
  described,
}: Omit<InputProps, 'path' | 'mistakes'>): ReactElement {
  const write = (of: unknown): string => {
    if (of === undefined) return '';
    return kind === 'lines' && Array.isArray(of) ? writeLines(of) : JSON.stringify(of, null, 2);
  };
  const [text, setText] = useState(() => write(value));
  const [isBroken, setBroken] = useState(false);
  return (
    <>
      <textarea
        {...described}
        readOnly={isReadOnly}
        rows={Math.min(12, Math.max(2, text.split('\n').length))}
        value={text}
        spellCheck={false}
        onChange={(event) => {
          const { value: typed } = event.target;
          setText(typed);
          try {
            if (kind === 'json') onChange(readField('json', typed));
            else onChange(typed.trim() === '' ? undefined : readLines(typed, schema.items ?? {}));
            setBroken(false);
          } catch {
            setBroken(true);
          }
        }}
      />
      {isBroken ? (
        <span className="mistake">This is no JSON yet; what was there before would be kept.</span>
      ) : null}
      {kind === 'lines' ? <span className="hint">One a line.</span> : null}
    </>
  );
}

function rowsOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rangeOf({ minimum, maximum }: JsonSchema): string | undefined {
  if (minimum === undefined || maximum === undefined) return undefined;
  return `${String(minimum)} to ${String(maximum)}.`;
}

function defaultOf(schema: JsonSchema): string | undefined {
  const { default: usual } = schema;
  if (usual === undefined || typeof usual === 'object') return undefined;
  return `Not set: ${textOf(usual)}.`;
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
