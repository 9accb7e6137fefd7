import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '../api/client.ts';
import { byCountry, type CountryFigures } from '../core/call-figures.ts';
import { countryName, countryOf } from '../core/countries.ts';
import { count, duration } from '../core/format.ts';
import { DataTable, type Column } from './data-table.tsx';
import { Section } from './page.tsx';
import { ProblemBox } from './problem-box.tsx';

type Row = Schemas['CallAnalysisRow'];
type Answer = UseQueryResult<Schemas['CallAnalysis']>;

const SHOWN = 50;
/** So many countries stand there at once; the others are folded. */
const FIRST = 15;

/** Calls by the gateway that they went to last. */
export function Gateways({
  answer,
  from,
}: {
  readonly answer: Answer;
  readonly from: string;
}): ReactElement {
  const rows = answer.data?.rows;
  const columns: readonly Column<Row>[] = [
    {
      id: 'gateway',
      header: 'Gateway',
      cell: ({ gateway = '' }) =>
        gateway === '' ? (
          <span className="note">came to none</span>
        ) : (
          <Link href={`/gateways/${encodeURIComponent(gateway)}`}>{gateway}</Link>
        ),
      sortBy: ({ gateway }) => gateway ?? '',
    },
    ...figureColumns,
    {
      id: 'failures',
      header: 'Failures',
      cell: ({ answered, calls, gateway = '' }) => {
        const failed = calls - (answered ?? 0);
        if (gateway === '' || failed === 0) return count(failed);
        const query = new URLSearchParams({ from, gateway, failed: 'true' });
        return <Link href={`/cdrs?${query.toString()}`}>{count(failed)}</Link>;
      },
      sortBy: ({ answered, calls }) => calls - (answered ?? 0),
      isNumber: true,
    },
  ];
  return (
    <Section title="By gateway" note={noteOf(rows, 'with most calls')}>
      <DataTable
        name="Calls by gateway"
        columns={columns}
        rows={rows?.slice(0, SHOWN)}
        keyOf={({ gateway }) => gateway ?? ''}
        error={answer.error}
        empty="There was no call in this time."
      />
    </Section>
  );
}

/** Calls by country and by prefix of the rate. */
export function Destinations({ answer }: { readonly answer: Answer }): ReactElement {
  const rows = answer.data?.rows;
  return (
    <>
      <Section title="By country" note="whole days, UTC; dark: answered">
        <ProblemBox error={answer.error} />
        {rows?.length === 0 ? <p className="empty">There was no call in this time.</p> : null}
        <Countries countries={byCountry(rows ?? [])} />
      </Section>
      <Section
        title="By destination"
        note={noteOf(rows, 'prefixes with most calls; whole days, UTC')}
      >
        <DataTable
          name="Calls by destination"
          columns={destinationColumns}
          rows={rows?.slice(0, SHOWN)}
          keyOf={({ destination }) => destination ?? ''}
          error={answer.error}
          empty="There was no call in this time."
        />
      </Section>
    </>
  );
}

/** What follows where the first ones alone are shown. */
function noteOf(rows: readonly Row[] | undefined, of: string): string {
  return rows !== undefined && rows.length > SHOWN ? `the ${String(SHOWN)} ${of}` : '';
}

function Countries({ countries }: { readonly countries: readonly CountryFigures[] }): ReactElement {
  const [first, others] = [countries.slice(0, FIRST), countries.slice(FIRST)];
  const most = Math.max(1, ...countries.map(({ calls }) => calls));
  return (
    <>
      <CountryBars countries={first} most={most} />
      {others.length === 0 ? null : (
        <details>
          <summary>{count(others.length)} more</summary>
          <CountryBars countries={others} most={most} />
        </details>
      )}
    </>
  );
}

function CountryBars({
  countries,
  most,
}: {
  readonly countries: readonly CountryFigures[];
  readonly most: number;
}): ReactElement {
  const share = (of: number): string => `${String((of / most) * 100)}%`;
  return (
    <ul className="countries">
      {countries.map(({ name, calls, answered }) => (
        <li key={name}>
          <span>{name}</span>
          <span className="country-bar" aria-hidden="true">
            <span className="country-calls" style={{ width: share(calls) }} />
            <span className="country-answered" style={{ width: share(answered) }} />
          </span>
          <span className="bar-size">{count(calls)}</span>
          <span className="bar-size note">
            {calls === 0 ? '' : `${String(Math.round((answered / calls) * 100))} % answered`}
          </span>
        </li>
      ))}
    </ul>
  );
}

const figureColumns: readonly Column<Row>[] = [
  {
    id: 'calls',
    header: 'Calls',
    cell: ({ calls }) => count(calls),
    sortBy: ({ calls }) => calls,
    isNumber: true,
  },
  {
    id: 'asr',
    header: 'ASR',
    cell: ({ asrPercent }) => percentOf(asrPercent),
    sortBy: ({ asrPercent }) => asrPercent ?? -1,
    isNumber: true,
  },
  {
    id: 'ner',
    header: 'NER',
    cell: ({ nerPercent }) => percentOf(nerPercent),
    sortBy: ({ nerPercent }) => nerPercent ?? -1,
    isNumber: true,
  },
  {
    id: 'acd',
    header: 'ACD',
    cell: ({ acdSeconds }) => (acdSeconds === null ? '–' : duration(acdSeconds * 1000)),
    sortBy: ({ acdSeconds }) => acdSeconds ?? -1,
    isNumber: true,
  },
  {
    id: 'pdd',
    header: 'PDD',
    cell: ({ pddMs }) => (pddMs === null ? '–' : `${(pddMs / 1000).toFixed(2)} s`),
    sortBy: ({ pddMs }) => pddMs ?? -1,
    isNumber: true,
  },
  {
    id: 'minutes',
    header: 'Minutes',
    cell: ({ durationSeconds }) => count(Math.round((durationSeconds ?? 0) / 60)),
    sortBy: ({ durationSeconds }) => durationSeconds ?? 0,
    isNumber: true,
  },
];

const destinationColumns: readonly Column<Row>[] = [
  {
    id: 'destination',
    header: 'Prefix',
    cell: ({ destination = '' }) =>
      destination === '' ? <span className="note">no rate</span> : destination,
    sortBy: ({ destination }) => destination ?? '',
  },
  {
    id: 'country',
    header: 'Country',
    cell: ({ destination = '' }) => countryIn(destination),
    sortBy: ({ destination = '' }) => countryIn(destination),
  },
  ...figureColumns,
];

function countryIn(prefix: string): string {
  const code = countryOf(prefix);
  return code === undefined ? '' : countryName(code);
}

function percentOf(of: number | null): string {
  return of === null ? '–' : `${of.toFixed(1)} %`;
}
