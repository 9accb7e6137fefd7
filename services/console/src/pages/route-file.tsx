import { useRef, useState, type ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { saveText } from '../api/download.ts';
import { csvText, numbersIn } from '../core/csv.ts';
import { count } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { Bars } from '../ui/bars.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { useOrigins } from './routing.tsx';

type Analysis = Schemas['RouteSummaryList']['analyses'][number];

/** Asked for at a time: as many as the answer comes for within a second or two. */
const AT_A_TIME = 200;
const MOST_CALLS = 10_000;
/** Lines that are shown; all are in the CSV. */
const MOST_SHOWN = 500;

interface Progress {
  readonly done: readonly Analysis[];
  readonly of: number;
  readonly isOver: boolean;
}

/** Where each number of a file would go (ROUTE-12); nothing is called. */
export function RouteFilePage(): ReactElement {
  const [from, setFrom] = useState('');
  const [at, setAt] = useState('');
  const [file, setFile] = useState<File>();
  const [progress, setProgress] = useState<Progress>();
  const [error, setError] = useState<unknown>();
  /** Another run ends the one before. */
  const runs = useRef(0);
  const origins = useOrigins();
  const run = async (chosen: File): Promise<void> => {
    const own = ++runs.current;
    setError(undefined);
    try {
      const calls = numbersIn(await chosen.text());
      if (calls.length === 0 || calls.length > MOST_CALLS) {
        throw new Error(`the file has ${count(calls.length)} numbers: it must have 1 to ${count(MOST_CALLS)}`); // prettier-ignore
      }
      const done: Analysis[] = [];
      for (let first = 0; first < calls.length && own === runs.current; first += AT_A_TIME) {
        setProgress({ done: [...done], of: calls.length, isOver: false });
        const some = calls.slice(first, first + AT_A_TIME);
        const body = { from, calls: some, ...(at === '' ? {} : { at }) };
        const { analyses } = await answerOf(api.POST('/api/v1/route', { body }));
        done.push(...analyses);
      }
      if (own === runs.current) setProgress({ done, of: calls.length, isOver: true });
    } catch (failure) {
      setProgress(undefined);
      setError(failure);
    }
  };
  return (
    <Page
      title="Routing analysis of a file"
      lead="Where each number of a file would go: the called number in the first column, the caller’s in the second. Nothing is called."
    >
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          if (file !== undefined) void run(file);
        }}
      >
        <label className="filter">
          <span>File (CSV)</span>
          <input
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            onChange={(event) => {
              setFile(event.target.files?.[0]);
            }}
          />
        </label>
        <label className="filter">
          <span>Who calls</span>
          <input
            value={from}
            list="origins"
            placeholder="gateway or phone"
            onChange={(event) => {
              setFrom(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>At</span>
          <input
            value={at}
            placeholder="now, or a UTC time"
            onChange={(event) => {
              setAt(event.target.value);
            }}
          />
        </label>
        <datalist id="origins">
          {origins.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <button
          type="submit"
          className="button primary"
          disabled={file === undefined || from === ''}
        >
          Analyse
        </button>
      </form>
      <ProblemBox error={error} />
      {progress === undefined ? null : <Result {...progress} />}
    </Page>
  );
}

function Result({ done, of, isOver }: Progress): ReactElement {
  const refused = Map.groupBy(
    done.filter(({ outcome }) => outcome === 'refused'),
    ({ reason }) => reason,
  );
  const bars = [...refused].map(([label, { length }]) => ({ label, size: length }));
  const routed = done.filter(({ outcome }) => outcome === 'routed').length;
  const shown = done.slice(0, MOST_SHOWN);
  return (
    <>
      {isOver ? null : (
        <p>
          <progress max={of} value={done.length} aria-label="Analysed" /> {count(done.length)} of{' '}
          {count(of)}
        </p>
      )}
      <Section
        title="Result"
        note={`${count(routed)} would be routed, ${count(done.length - routed)} refused`}
        actions={
          <button
            type="button"
            className="button"
            disabled={!isOver}
            onClick={() => {
              saveText(csvOf(done), 'text/csv', 'routing-analysis.csv');
            }}
          >
            CSV
          </button>
        }
      >
        <Bars bars={bars.toSorted((a, b) => b.size - a.size)} />
        {done.length > MOST_SHOWN ? (
          <p className="note">The first {MOST_SHOWN} are shown; the CSV has all.</p>
        ) : null}
        <DataTable
          name="Numbers"
          columns={columns}
          rows={shown.map((row, line) => ({ ...row, line }))}
          keyOf={({ line }) => String(line)}
          empty="Nothing has been analysed yet."
        />
      </Section>
    </>
  );
}

function csvOf(rows: readonly Analysis[]): string {
  const names = ['callee', 'caller', 'outcome', 'code', 'reason', 'gateways', 'price', 'change'];
  return csvText(
    names,
    rows.map(({ callee, caller, change, code, gateways, outcome, price, reason }) => [
      callee,
      caller,
      outcome,
      code,
      reason,
      gateways.join(' '),
      price ?? '',
      change ?? '',
    ]),
  );
}

const columns: readonly Column<Analysis & { readonly line: number }>[] = [
  { id: 'callee', header: 'Called number', cell: ({ callee }) => callee },
  { id: 'caller', header: 'Caller', cell: ({ caller }) => caller },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: ({ outcome }) => <Badge tone={outcome === 'routed' ? 'good' : 'bad'}>{outcome}</Badge>,
    sortBy: ({ outcome }) => outcome,
  },
  { id: 'reason', header: 'Reason', cell: ({ reason }) => reason, sortBy: ({ reason }) => reason },
  { id: 'gateways', header: 'Gateways', cell: ({ gateways }) => gateways.join(', ') },
  { id: 'price', header: 'Price', cell: ({ price }) => price ?? '' },
  { id: 'change', header: 'What would change it', cell: ({ change }) => change ?? '' },
];
