import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { download } from '../api/download.ts';
import { readListVersions, type ListTask } from '../api/number-lists.ts';
import { useMay } from '../api/session.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { count } from '../core/format.ts';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Field } from '../ui/field.tsx';
import { NumberListDialog } from '../ui/number-list-dialog.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { tellProblem } from '../ui/tell.ts';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';

type Version = Schemas['NumberListVersion'];

/** What is in a list of numbers: import, changes, look-up, versions. */
export function NumberListPage(): ReactElement {
  const { name: encoded } = useParams<{ name: string }>();
  return <Loaded key={encoded} name={decodeURIComponent(encoded)} />;
}

function Loaded({ name }: { readonly name: string }): ReactElement {
  const queries = useQueryClient();
  const found = useAnswer(['number-list', name], () => readListVersions(name));
  const [task, setTask] = useState<ListTask>();
  const mayImport = useMay('importNumberList');
  const newest = found.data?.versions[0];
  return (
    <Page
      title={name}
      lead={
        <>
          <Link href="/numbers">Numbers in lists</Link>
          {newest === undefined
            ? null
            : ` · ${count(newest.numbers)} numbers, version ${String(newest.version)}`}
        </>
      }
      actions={
        <>
          {newest === undefined ? null : (
            <button
              type="button"
              className="button"
              onClick={() => {
                const path = `/number-lists/${encodeURIComponent(name)}/numbers`;
                download(path, {}, `${name}.csv`).catch((error: unknown) => {
                  tellProblem('The numbers could not be saved', error);
                });
              }}
            >
              Export
            </button>
          )}
          <Link className="button" href={entryHref('number-lists', name)}>
            Terms
          </Link>
        </>
      }
    >
      <ProblemBox error={found.error} />
      {mayImport ? (
        <div className="side-by-side">
          <Import onWanted={setTask} />
          <Change onWanted={setTask} />
        </div>
      ) : null}
      <Find name={name} />
      <Section title="Versions" note="the last twenty; what is in one can be put back">
        <DataTable
          name="Versions of the list"
          columns={columns}
          rows={found.data?.versions}
          keyOf={({ version }) => String(version)}
          empty="Nothing was imported yet."
          menu={
            mayImport
              ? ({ version }) => (
                  <RowMenu
                    label={`Actions for version ${String(version)}`}
                    lines={[
                      {
                        label: 'Put it back …',
                        run: () => {
                          setTask({ kind: 'rollback', version });
                        },
                      },
                    ]}
                  />
                )
              : undefined
          }
        />
      </Section>
      {task === undefined || found.data === undefined ? null : (
        <NumberListDialog
          name={name}
          tag={found.data.tag}
          task={task}
          onClose={(isDone) => {
            setTask(undefined);
            if (isDone) void queries.invalidateQueries({ queryKey: ['number-lists'] });
            void queries.invalidateQueries({ queryKey: ['number-list', name] });
          }}
        />
      )}
    </Page>
  );
}

const columns: readonly Column<Version>[] = [
  { id: 'version', header: 'Version', cell: ({ version }) => version, isNumber: true },
  { id: 'numbers', header: 'Numbers', cell: ({ numbers }) => count(numbers), isNumber: true },
  { id: 'at', header: 'Imported', cell: ({ importedAt }) => <Time at={importedAt} /> },
  { id: 'by', header: 'By', cell: ({ importedBy }) => importedBy },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
];

interface WantedProps {
  readonly onWanted: (task: ListTask) => void;
}

function Import({ onWanted }: WantedProps): ReactElement {
  return (
    <Section title="Import" note="a file in place of what is in the list">
      <Field
        label="CSV file"
        hint="One number a line, in the first column; a first line without a digit is a heading."
      >
        <input
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file !== undefined) onWanted({ kind: 'import', file });
            // The same file, mended, may be chosen again.
            event.target.value = '';
          }}
        />
      </Field>
    </Section>
  );
}

function Change({ onWanted }: WantedProps): ReactElement {
  const [text, setText] = useState('');
  const numbers = text.split(/[\s,;]+/).filter((number) => number !== '');
  return (
    <Section title="Some numbers" note="into the list, or out of it">
      <Field label="Numbers, one a line">
        <textarea
          rows={3}
          value={text}
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
      </Field>
      <div className="actions">
        <button
          type="button"
          className="button"
          disabled={numbers.length === 0}
          onClick={() => {
            onWanted({ kind: 'change', add: numbers, remove: [] });
          }}
        >
          Add …
        </button>
        <button
          type="button"
          className="button"
          disabled={numbers.length === 0}
          onClick={() => {
            onWanted({ kind: 'change', add: [], remove: numbers });
          }}
        >
          Remove …
        </button>
      </div>
    </Section>
  );
}

function Find({ name }: { readonly name: string }): ReactElement {
  const [number, setNumber] = useState('');
  const find = useMutation({
    mutationFn: async () =>
      answerOf(
        api.GET('/api/v1/number-lists/{name}/match', {
          params: { path: { name }, query: { number } },
        }),
      ),
  });
  const { data } = find;
  return (
    <Section title="Is a number in it?" note="as calls would find it">
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          find.mutate();
        }}
      >
        <Field label="Number">
          <input
            value={number}
            required
            autoComplete="off"
            onChange={(event) => {
              setNumber(event.target.value);
            }}
          />
        </Field>
        <button type="submit" className="button" disabled={find.isPending}>
          Look
        </button>
      </form>
      <ProblemBox error={find.error} />
      {data === undefined ? null : (
        <p role="status">
          {data.entry === null
            ? `${data.number} is not in it.`
            : `${data.number} is in it, as ${data.entry}.`}
        </p>
      )}
    </Section>
  );
}
