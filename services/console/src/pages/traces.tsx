import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link, useLocation } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Field } from '../ui/field.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { Time } from '../ui/time.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { LIVE_MS, SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';

type Trace = Schemas['Trace'];

const kinds = [
  ['phone', 'Phone'],
  ['gateway', 'Gateway'],
  ['number', 'Number that calls or is called'],
  ['address', 'Address, or a CIDR block'],
] as const;

type Kind = (typeof kinds)[number][0];

const times = [
  ['60', '1 minute'],
  ['300', '5 minutes'],
  ['1800', '30 minutes'],
  ['7200', '2 hours'],
  ['86400', '1 day'],
] as const;

/** SIP messages watched as they pass: what is traced, and what was. */
export function TracesPage(): ReactElement {
  const queries = useQueryClient();
  const mayTrace = useMay('createTrace');
  const mayEnd = useMay('endTrace');
  const traces = useAnswer(['traces'], () => answerOf(api.GET('/api/v1/traces')), {
    everyMs: (data) => (data?.traces.some(isGoingOn) === true ? LIVE_MS : SLOW_MS),
  });
  const end = useMutation({
    mutationFn: async (id: string) =>
      answerOf(api.DELETE('/api/v1/traces/{id}', { params: { path: { id } } })),
    onSuccess: async ({ about }) => {
      tell(`The trace of ${about} is ended`);
      await queries.invalidateQueries({ queryKey: ['traces'] });
    },
    onError: (error) => {
      tellProblem('The trace was not ended', error);
    },
  });
  return (
    <Page
      title="Traces"
      lead="SIP messages of an address, gateway, phone or number as they pass, over all pods, with the other leg of the call."
    >
      {mayTrace ? <Start /> : null}
      <Section title="Traces that go on, and those of late">
        <DataTable
          name="Traces"
          columns={columns}
          rows={traces.data?.traces}
          keyOf={({ id }) => id}
          error={traces.error}
          empty="Nothing was traced lately."
          menu={(trace) => (
            <RowMenu
              label={`Actions for the trace of ${trace.about}`}
              lines={[
                { label: 'Messages', href: hrefOf(trace) },
                ...(mayEnd && isGoingOn(trace)
                  ? [
                      {
                        label: 'End it',
                        run: () => {
                          end.mutate(trace.id);
                        },
                      },
                    ]
                  : []),
              ]}
            />
          )}
          tools={<CsvLink path="/traces" name="traces" />}
        />
      </Section>
    </Page>
  );
}

function isGoingOn({ ended }: Trace): boolean {
  return ended === null;
}

function hrefOf({ id }: Trace): string {
  return `/traces/${encodeURIComponent(id)}`;
}

const columns: readonly Column<Trace>[] = [
  {
    id: 'about',
    header: 'Of',
    cell: (trace) => <Link href={hrefOf(trace)}>{trace.about}</Link>,
    sortBy: ({ about }) => about,
  },
  {
    id: 'state',
    header: 'State',
    cell: (trace) =>
      isGoingOn(trace) ? <Badge tone="busy">going on</Badge> : <Badge>ended</Badge>,
  },
  {
    id: 'messages',
    header: 'Messages',
    cell: ({ messages }) => messages,
    sortBy: ({ messages }) => messages,
    isNumber: true,
  },
  {
    id: 'created',
    header: 'Since',
    cell: ({ created }) => <Time at={created} />,
    sortBy: ({ created }) => created ?? '',
  },
  { id: 'until', header: 'Until', cell: ({ ended, until }) => <Time at={ended ?? until} /> },
  {
    id: 'by',
    header: 'By',
    cell: ({ createdBy }) => createdBy,
    sortBy: ({ createdBy }) => createdBy,
  },
  {
    id: 'addresses',
    header: 'Addresses',
    cell: ({ addresses }) => addresses.join(', '),
    isExtra: true,
  },
  { id: 'users', header: 'Users', cell: ({ users }) => users.join(', '), isExtra: true },
];

function Start(): ReactElement {
  const [, navigate] = useLocation();
  const [filters, change] = useFilters(['kind', 'of']);
  const [seconds, setSeconds] = useState('300');
  const kind: Kind = kinds.find(([each]) => each === filters.kind)?.[0] ?? 'phone';
  const start = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/traces', { body: { [kind]: filters.of, seconds: Number(seconds) } }),
      ),
    onSuccess: (trace) => {
      navigate(hrefOf(trace));
    },
  });
  return (
    <Section title="Trace">
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <Field label="What">
          <select
            value={kind}
            onChange={(event) => {
              change({ kind: event.target.value });
            }}
          >
            {kinds.map(([each, words]) => (
              <option key={each} value={each}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Which">
          <input
            value={filters.of}
            required
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              change({ of: event.target.value });
            }}
          />
        </Field>
        <Field label="How long">
          <select
            value={seconds}
            onChange={(event) => {
              setSeconds(event.target.value);
            }}
          >
            {times.map(([each, words]) => (
              <option key={each} value={each}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <button type="submit" className="button primary" disabled={start.isPending}>
          Start
        </button>
      </form>
      <ProblemBox error={start.error} />
    </Section>
  );
}
