import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { download } from '../api/download.ts';
import { upload } from '../api/upload.ts';
import { count, percent } from '../core/format.ts';
import { DataTable, type Column } from './data-table.tsx';
import { Facts } from './page.tsx';
import { ProblemBox } from './problem-box.tsx';
import { tell, tellProblem } from './tell.ts';
import { Time } from './time.tsx';

type Import = Schemas['RateImport'];
type Change = Import['examples'][number];

const kinds = ['new', 'dearer', 'cheaper', 'other', 'gone', 'same'] as const;

/** A file of rates: sent, shown as it was understood and what it would change, and applied or given up. */
export function RateImport({ group }: { readonly group: string }): ReactElement {
  const [found, setFound] = useState<Import>();
  return found === undefined ? (
    <FileForm group={group} onRead={setFound} />
  ) : (
    <Preview
      found={found}
      onDone={() => {
        setFound(undefined);
      }}
    />
  );
}

interface FileFormProps {
  readonly group: string;
  readonly onRead: (found: Import) => void;
}

function FileForm({ group, onRead }: FileFormProps): ReactElement {
  const [file, setFile] = useState<File>();
  const [mode, setMode] = useState('replace');
  const [from, setFrom] = useState('');
  const [note, setNote] = useState('');
  const [sent, setSent] = useState(0);
  const queries = useQueryClient();
  const reading = useMutation({
    mutationFn: (chosen: File) =>
      upload<Import>(`/rate-groups/${encodeURIComponent(group)}/imports`, chosen, {
        query: { mode, from, note, file: chosen.name },
        onSent: setSent,
      }),
    onSuccess: onRead,
    onSettled: () => queries.invalidateQueries({ queryKey: ['rate-imports', group] }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setSent(0);
        if (file !== undefined) reading.mutate(file);
      }}
    >
      <div className="filters">
        <label className="filter">
          <span>CSV file</span>
          <input
            type="file"
            required
            accept=".csv,.txt,text/csv"
            onChange={(event) => {
              setFile(event.target.files?.[0]);
            }}
          />
        </label>
        <label className="filter">
          <span>What is not in the file</span>
          <select
            value={mode}
            onChange={(event) => {
              setMode(event.target.value);
            }}
          >
            <option value="replace">is gone</option>
            <option value="update">stays</option>
          </select>
        </label>
        <label className="filter">
          <span>In effect from (UTC)</span>
          <input
            placeholder="when applied"
            value={from}
            onChange={(event) => {
              setFrom(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>Note</span>
          <input
            value={note}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </label>
        <button type="submit" className="button" disabled={file === undefined || reading.isPending}>
          Read it
        </button>
      </div>
      {reading.isPending ? (
        <p className="note" role="status">
          {sent < 1 ? `${percent(sent)} sent` : 'Held against what is in effect …'}
          <progress value={sent} max={1} aria-label="Sent" />
        </p>
      ) : null}
      <ProblemBox error={reading.error} />
    </form>
  );
}

interface PreviewProps {
  readonly found: Import;
  readonly onDone: () => void;
}

function Preview({ found, onDone }: PreviewProps): ReactElement {
  const queries = useQueryClient();
  const path = { name: found.group, id: found.id };
  const apply = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/api/v1/rate-groups/{name}/imports/{id}/apply', { params: { path } })),
    onSuccess: async ({ version }) => {
      tell(`Rates of ${found.group} applied`, `as version ${String(version)}`);
      onDone();
      await queries.invalidateQueries();
    },
  });
  const discard = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/api/v1/rate-groups/{name}/imports/{id}/discard', { params: { path } })),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries();
    },
  });
  const { counts, form } = found;
  return (
    <>
      <Facts
        facts={[
          ['File', `${found.file}, ${count(found.lines)} lines`],
          ['Delimiter', form?.delimiter === '\t' ? 'tab' : form?.delimiter],
          ['Decimal', form?.decimal],
          ['Encoding', form?.encoding],
          ['Columns', Object.entries(form?.columns ?? {}).map(([field, names]) => `${field}: ${names.join(' + ')}`).join(', ')],
          ['Not used', form?.ignored.join(', ')],
          ['In effect', found.isAtOnce ? 'when it is applied' : <Time at={found.effectiveFrom} />],
          ...kinds.map((kind) => [kind, count(counts?.[kind] ?? 0)] as const),
        ]}
      />
      <DataTable
        name="Changes of rates"
        columns={columns}
        rows={found.examples}
        keyOf={({ kind, prefix }) => `${kind} ${prefix}`}
        empty="It changes nothing."
        tools={
          <button
            type="button"
            className="button quiet"
            onClick={() => {
              const all = `/rate-groups/${encodeURIComponent(found.group)}/imports/${found.id}/changes`;
              download(all, {}, `${found.group}-changes.csv`).catch((error: unknown) => {
                tellProblem('The changes could not be saved', error);
              });
            }}
          >
            All changes as CSV
          </button>
        }
      />
      <ProblemBox error={apply.error ?? discard.error} />
      <div className="dialog-actions">
        <button
          type="button"
          className="button"
          onClick={() => {
            discard.mutate();
          }}
        >
          Give it up
        </button>
        <button
          type="button"
          className="button primary"
          disabled={apply.isPending}
          onClick={() => {
            apply.mutate();
          }}
        >
          Apply
        </button>
      </div>
    </>
  );
} // prettier-ignore

const columns: readonly Column<Change>[] = [
  { id: 'kind', header: 'Change', cell: ({ kind }) => kind, sortBy: ({ kind }) => kind },
  {
    id: 'prefix',
    header: 'Prefix',
    cell: ({ prefix }) => (prefix === '' ? 'any' : prefix),
    sortBy: ({ prefix }) => prefix,
  },
  {
    id: 'from',
    header: 'From',
    cell: ({ from }) => (from === null ? 'since ever' : <Time at={from} />),
  },
  { id: 'before', header: 'Before', cell: ({ before }) => priceOf(before) },
  { id: 'after', header: 'After', cell: ({ after }) => priceOf(after) },
];

function priceOf(rate: Change['before']): string {
  if (rate === undefined) return '';
  const { connectionFee, firstIncrement, freeSeconds, nextIncrement, pricePerMinute } = rate;
  const fee = /[1-9]/.test(connectionFee) ? `, fee ${connectionFee}` : '';
  const free = freeSeconds === 0 ? '' : `, ${String(freeSeconds)} s free`;
  return `${pricePerMinute} at ${String(firstIncrement)}/${String(nextIncrement)}${fee}${free}`;
}
