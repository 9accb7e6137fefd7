import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { value as shown } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';

type Parameter = Schemas['Parameter'];

/** System parameters by their names, with values, defaults and ranges. */
export function ParametersPage(): ReactElement {
  const [{ search, set }, change] = useFilters(['search', 'set']);
  const [changed, setChanged] = useState<Parameter>();
  const query = { search, ...(set === 'true' ? { set: true } : {}) };
  const list = useAnswer(['parameters', query], () =>
    answerOf(api.GET('/api/v1/parameters', { params: { query } })),
  );
  const maySet = useMay('setParameter');
  const reset = useReset();
  return (
    <Page
      title="Parameters"
      lead="What holds for the whole switch. A change is in effect on all pods within two seconds."
    >
      <Filters label="Filter parameters">
        <TextFilter
          label="Search"
          value={search}
          onChange={(text) => {
            change({ search: text });
          }}
        />
        <ChoiceFilter
          label="Which"
          value={set}
          choices={[
            ['', 'all'],
            ['true', 'those that are set'],
          ]}
          onChange={(which) => {
            change({ set: which });
          }}
        />
      </Filters>
      <DataTable
        name="Parameters"
        columns={columns}
        rows={list.data?.parameters}
        keyOf={({ name }) => name}
        error={list.error}
        empty="No parameter fits."
        menu={
          maySet
            ? (parameter) => (
                <RowMenu
                  label={`Actions for ${parameter.name}`}
                  lines={[
                    {
                      label: 'Change …',
                      run: () => {
                        setChanged(parameter);
                      },
                    },
                    ...(parameter.isSet
                      ? [
                          {
                            label: 'Put back to the default',
                            run: () => {
                              reset(parameter.name);
                            },
                          },
                        ]
                      : []),
                  ]}
                />
              )
            : undefined
        }
      />
      {changed === undefined ? null : (
        <ChangeDialog
          key={changed.name}
          parameter={changed}
          onClose={() => {
            setChanged(undefined);
          }}
        />
      )}
    </Page>
  );
}

function useReset(): (name: string) => void {
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: async (name: string) =>
      answerOf(api.DELETE('/api/v1/parameters/{name}', { params: { path: { name } } })),
    onSuccess: async ({ version }) => {
      tell('It has its default again', `Version ${String(version)}`);
      await queries.invalidateQueries();
    },
    onError: (error) => {
      tellProblem('It was not put back', error);
    },
  });
  return reset.mutate;
}

const columns: readonly Column<Parameter>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ name }) => <code className="whole">{name}</code>,
    sortBy: ({ name }) => name,
  },
  {
    id: 'value',
    header: 'Value',
    cell: ({ value, unit, isSet }) => (
      <>
        {setting(value)} {unit} {isSet ? <Badge tone="warn">set</Badge> : null}
      </>
    ),
  },
  { id: 'default', header: 'Default', cell: ({ default: usual }) => setting(usual) },
  { id: 'range', header: 'Range', cell: ({ range }) => range },
  {
    id: 'description',
    header: 'What it does',
    cell: ({ description, spec }) => (
      <>
        {description} <span className="note">{spec}</span>
      </>
    ),
  },
];

function ChangeDialog({
  parameter,
  onClose,
}: {
  readonly parameter: Parameter;
  readonly onClose: () => void;
}): ReactElement {
  const queries = useQueryClient();
  const [text, setText] = useState(String(parameter.value ?? ''));
  const [note, setNote] = useState('');
  const isSwitch = typeof (parameter.value ?? parameter.default) === 'boolean';
  const change = useMutation({
    mutationFn: async () =>
      answerOf(
        api.PUT('/api/v1/parameters/{name}', {
          params: { path: { name: parameter.name }, query: { note } },
          body: { value: read(text, parameter) },
        }),
      ),
    onSuccess: async ({ version, isChanged }) => {
      tell(
        isChanged ? 'The parameter was set' : 'It had that value already',
        `Version ${String(version)}`,
      );
      onClose();
      await queries.invalidateQueries();
    },
  });
  return (
    <Dialog title={parameter.name} isOpen onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <p>{parameter.description}</p>
        <label className="filter">
          <span>
            Value: {parameter.range}
            {parameter.unit === null ? '' : `, ${parameter.unit}`}
          </span>
          {isSwitch ? (
            <select
              value={text}
              onChange={(event) => {
                setText(event.target.value);
              }}
            >
              <option value="true">On</option>
              <option value="false">Off</option>
            </select>
          ) : (
            <input
              value={text}
              required
              onChange={(event) => {
                setText(event.target.value);
              }}
            />
          )}
        </label>
        <label className="filter">
          <span>Note for the version</span>
          <input
            value={note}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={change.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={change.isPending}>
            Set
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** As the ranges call it: switches are On or Off. */
function setting(of: Parameter['value']): string {
  if (typeof of === 'boolean') return of ? 'On' : 'Off';
  return shown(of);
}

/** As the parameter is: a number, a switch, or a word. What is none of its kind the server refuses with the range. */
function read(text: string, { value, default: usual }: Parameter): number | boolean | string {
  const known = value ?? usual;
  if (typeof known === 'boolean') return text === 'true';
  if (typeof known !== 'string' && /^-?\d+(\.\d+)?$/.test(text.trim())) return Number(text);
  return text;
}
