import { useState, type ReactElement } from 'react';
import { fieldsOf, readField, type JsonSchema } from '../core/entry-schema.ts';
import { count, title, value as shown } from '../core/format.ts';

type Row = Readonly<Record<string, unknown>>;

interface RowsFieldProps {
  readonly id: string;
  readonly label: string;
  readonly schema: JsonSchema;
  readonly rows: readonly Row[];
  readonly isReadOnly: boolean;
  readonly onChange: (rows: readonly Row[]) => void;
}

const SHOWN = 50;

/** A list of small objects, such as rates, as a table: a row each. Of a long list those that fit the search are shown. */
export function RowsField({
  id,
  label,
  schema,
  rows,
  isReadOnly,
  onChange,
}: RowsFieldProps): ReactElement {
  const [search, setSearch] = useState('');
  const fields = fieldsOf(schema);
  const fitting = rows
    .map((row, index) => ({ row, index }))
    .filter(
      ({ row }) =>
        search === '' || Object.values(row).some((each) => shown(each).startsWith(search)),
    );
  const change = (index: number, name: string, value: unknown): void => {
    onChange(
      rows.map((row, at) => {
        if (at !== index) return row;
        const rest = Object.entries(row).filter(([key]) => key !== name);
        return Object.fromEntries(value === undefined ? rest : [...rest, [name, value]]);
      }),
    );
  };
  return (
    <div className="rows-field">
      {rows.length > SHOWN ? (
        <label className="filter">
          <span>
            {count(rows.length)} in all; the first {SHOWN} that begin with
          </span>
          <input
            value={search}
            onChange={(event) => {
              setSearch(event.target.value);
            }}
          />
        </label>
      ) : null}
      <div className="table-scroll" role="region" aria-label={label} tabIndex={0}>
        <table id={id}>
          <caption className="sr-only">{label}</caption>
          <thead>
            <tr>
              {fields.map(({ name }) => (
                <th key={name} scope="col">
                  {title(name)}
                </th>
              ))}
              <th scope="col">
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {fitting.slice(0, SHOWN).map(({ row, index }) => (
              <tr key={index}>
                {fields.map(({ name, kind, schema: of }) => (
                  <td key={name}>
                    <input
                      aria-label={`${title(name)} of row ${String(index + 1)}`}
                      readOnly={isReadOnly}
                      placeholder={of.default === undefined ? '' : shown(of.default)}
                      value={shown(row[name])}
                      onChange={(event) => {
                        change(
                          index,
                          name,
                          name === 'prefix'
                            ? event.target.value
                            : readField(kind, event.target.value),
                        );
                      }}
                    />
                  </td>
                ))}
                <td>
                  {isReadOnly ? null : (
                    <button
                      type="button"
                      className="button quiet"
                      aria-label={`Remove row ${String(index + 1)}`}
                      onClick={() => {
                        onChange(rows.filter((_row, at) => at !== index));
                      }}
                    >
                      ✕
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isReadOnly ? null : (
        <button
          type="button"
          className="button"
          onClick={() => {
            onChange([...rows, {}]);
          }}
        >
          Add a row
        </button>
      )}
    </div>
  );
}
