import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, type ReactElement } from 'react';
import { Link, useParams, useSearchParams } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { duration, percent } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { LinesUsed } from '../ui/lines-used.tsx';
import { Facts, Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Tile, Tiles } from '../ui/tiles.tsx';
import { Time } from '../ui/time.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';

type Gateway = Schemas['Gateway'];

/** One routing gateway: whether it answers, how well it carries calls, a test of its network. */
export function GatewayPage(): ReactElement {
  const { name: encoded } = useParams<{ name: string }>();
  const name = decodeURIComponent(encoded);
  const told = useAnswer(
    ['gateway', name],
    () => answerOf(api.GET('/api/v1/gateways/{gateway}', { params: { path: { gateway: name } } })),
    { everyMs: SLOW_MS / 2 },
  );
  const subject = `routing-gateway ${name}`;
  const lines = useAnswer(
    ['lines', subject],
    () => answerOf(api.GET('/api/v1/lines', { params: { query: { subject } } })),
    { everyMs: SLOW_MS / 2 },
  );
  const line = lines.data?.lines[0];
  const { data } = told;
  return (
    <Page
      title={name}
      lead={data === undefined ? 'Routing gateway' : leadOf(data)}
      actions={
        <>
          <Link className="button" href={`/calls?gateway=${encodeURIComponent(name)}`}>
            Current calls
          </Link>
          <Link
            className="button"
            href={`/cdrs?from=1h&failed=true&gateway=${encodeURIComponent(name)}`}
          >
            Failures
          </Link>
          <Link className="button" href={`/traces?kind=gateway&of=${encodeURIComponent(name)}`}>
            Trace
          </Link>
          <Link className="button" href={entryHref('routing-gateways', name)}>
            Change
          </Link>
        </>
      }
    >
      <ProblemBox error={told.error} />
      {data === undefined ? null : (
        <>
          <Tiles>
            <Tile label="State" value={data.state} isBad={data.state === 'offline'} />
            <Tile
              label="ASR"
              value={data.quality === null ? '–' : percent(data.quality.answerSeizureRatio)}
            />
            <Tile
              label="ACD"
              value={data.quality === null ? '–' : duration(data.quality.averageCallSeconds * 1000)}
            />
            <Tile
              label="PDD"
              value={data.quality === null ? '–' : `${data.quality.postDialSeconds.toFixed(2)} s`}
            />
            <Tile label="Attempts" value={String(data.quality?.attempts ?? 0)} />
          </Tiles>
          <div className="side-by-side">
            <Section title="Lines">
              {line === undefined ? (
                <p className="note">No line is in use.</p>
              ) : (
                <LinesUsed inUse={line.inUse} limit={line.limit} />
              )}
            </Section>
            <Section title="OPTIONS check">
              <Facts
                facts={[
                  [
                    'Every',
                    data.checkPeriodSeconds === null
                      ? 'not checked'
                      : `${String(data.checkPeriodSeconds)} s`,
                  ],
                  ['Why not', data.uncheckedBecause],
                  [
                    'Off line after',
                    data.failures === null
                      ? undefined
                      : `${String(data.failures)} of ${String(data.window)} that fail`,
                  ],
                  ['Checked', <Time key="t" at={data.checkedAt} />],
                  ['By', data.edge],
                ]}
              />
            </Section>
          </div>
          <Section title="Addresses">
            <DataTable
              name="Addresses"
              columns={addressColumns}
              rows={data.addresses}
              keyOf={({ address, transport }) => `${transport} ${address}`}
              empty="None that is checked."
            />
          </Section>
          {data.prefixes.length === 0 ? null : (
            <Section title="By prefix">
              <DataTable
                name="Quality by prefix"
                columns={prefixColumns}
                rows={data.prefixes}
                keyOf={({ prefix }) => prefix}
                empty=""
              />
            </Section>
          )}
        </>
      )}
      <NetworkTest name={name} />
    </Page>
  );
}

function leadOf({ state, since, group }: Gateway): ReactElement {
  return (
    <>
      <Badge>{state}</Badge>{' '}
      {since === null ? null : (
        <>
          since <Time at={since} />
        </>
      )}
      {group === '' ? null : ` · group ${group}`}
    </>
  );
}

type Address = Gateway['addresses'][number];

const addressColumns: readonly Column<Address>[] = [
  { id: 'address', header: 'Address', cell: ({ address, transport }) => `${transport} ${address}` },
  {
    id: 'state',
    header: 'State',
    cell: ({ isOffline }) => <Badge>{isOffline ? 'offline' : 'online'}</Badge>,
  },
  { id: 'since', header: 'Since', cell: ({ since }) => <Time at={since} /> },
  {
    id: 'answer',
    header: 'Last answer',
    cell: ({ lastAnswer }) =>
      lastAnswer === null ? '–' : `${String(lastAnswer.code)} ${lastAnswer.text}`,
  },
  {
    id: 'rtt',
    header: 'Round trip',
    cell: ({ lastAnswer }) =>
      lastAnswer?.roundTripMs === null || lastAnswer === null
        ? '–'
        : `${String(lastAnswer.roundTripMs)} ms`,
    isNumber: true,
  },
  {
    id: 'checks',
    header: 'Last checks',
    cell: ({ lastChecks }) => (
      <span
        role="img"
        aria-label={`${String(lastChecks.filter(Boolean).length)} of ${String(lastChecks.length)} answered`}
      >
        {lastChecks.map((isGood) => (isGood ? '●' : '○')).join('')}
      </span>
    ),
  },
];

type Prefix = Gateway['prefixes'][number];

const prefixColumns: readonly Column<Prefix>[] = [
  { id: 'prefix', header: 'Prefix', cell: ({ prefix }) => prefix, sortBy: ({ prefix }) => prefix },
  {
    id: 'attempts',
    header: 'Attempts',
    cell: ({ quality }) => quality?.attempts ?? 0,
    sortBy: ({ quality }) => quality?.attempts ?? 0,
    isNumber: true,
  },
  {
    id: 'asr',
    header: 'ASR',
    cell: ({ quality }) => (quality === null ? '–' : percent(quality.answerSeizureRatio)),
    isNumber: true,
  },
  {
    id: 'acd',
    header: 'ACD',
    cell: ({ quality }) => (quality === null ? '–' : duration(quality.averageCallSeconds * 1000)),
    isNumber: true,
  },
];

function NetworkTest({ name }: { readonly name: string }): ReactElement | null {
  const may = useMay('testGateway');
  const [params] = useSearchParams();
  const test = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/gateways/{gateway}/test', { params: { path: { gateway: name } } }),
      ),
  });
  const { mutate, data, error, isPending } = test;
  const wanted = may && params.get('test') === 'now';
  const hasBegun = useRef(false);
  useEffect(() => {
    if (!wanted || hasBegun.current) return;
    hasBegun.current = true;
    mutate();
  }, [wanted, mutate]);
  if (!may) return null;
  return (
    <Section
      title="Network test"
      note="names, ports, round trips, loss"
      actions={
        <button
          type="button"
          className="button"
          disabled={isPending}
          onClick={() => {
            mutate();
          }}
        >
          {isPending ? 'Testing …' : 'Test now'}
        </button>
      }
    >
      <ProblemBox error={error} />
      {data === undefined ? null : (
        <div role="status">
          <p>
            <Badge tone={data.isGood ? 'good' : 'bad'}>{data.isGood ? 'good' : 'not good'}</Badge>{' '}
            {data.text} <span className="note">by {data.edge}</span>
          </p>
          <ul>
            {data.names.map((each) => (
              <li key={each}>{each}</li>
            ))}
            {data.addresses.map((each) => (
              <li key={`${each.transport} ${each.address}`}>
                {each.transport} {each.address}: {each.answered} of {each.sent} answered,{' '}
                {each.roundTripMs === null
                  ? 'no round trip'
                  : `${String(each.roundTripMs.mean)} ms`}
                . {each.text}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}
