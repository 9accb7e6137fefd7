import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { duration, percent } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { ChoiceFilter, Filters } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { RowMenu, type MenuLine } from '../ui/row-menu.tsx';
import { Time } from '../ui/time.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';
import { rowsOf, useLive } from '../ui/use-live.ts';
import { LinesUsed } from '../ui/lines-used.tsx';

type Gateway = Schemas['Gateway'];

interface Row {
  readonly gateway: Gateway;
  readonly configured: Configured | undefined;
  readonly inUse: number;
}

interface Configured {
  readonly name: string;
  readonly lineLimit?: number;
  readonly callsPerSecond?: number;
  readonly prefixes?: readonly string[];
  readonly priority?: number;
}

const PAGE = 100;
const states = ['online', 'offline', 'degraded', 'unchecked'] as const;

/** Routing gateways: whether they answer, what they carry, how well. */
export function GatewaysPage(): ReactElement {
  const [{ state }, change] = useFilters(['state']);
  const paging = usePaging(state);
  const chosen = states.find((each) => each === state);
  const query = { after: paging.cursor, limit: PAGE };
  const live = useLive('gateways', { ...query, state });
  // Where the next page begins is told by the list itself.
  const gateways = useAnswer(['gateways', query, state], () =>
    answerOf(
      api.GET('/api/v1/gateways', {
        params: { query: { ...query, ...(chosen === undefined ? {} : { state: chosen }) } },
      }),
    ),
  );
  const names = gateways.data?.gateways.map(({ name }) => name) ?? [];
  const lines = useAnswer(
    ['lines', names],
    () =>
      answerOf(
        api.GET('/api/v1/lines', {
          params: { query: { subject: subjectsOf(names), holders: false } },
        }),
      ),
    { everyMs: SLOW_MS, isOff: names.length === 0 },
  );
  const configured = useAnswer(
    ['configuration', 'routing-gateways', names],
    () =>
      answerOf(
        api.GET('/api/v1/configuration/routing-gateways', {
          params: { query: { names: names.join(','), limit: PAGE } },
        }),
      ),
    { isOff: names.length === 0 },
  );
  const mayAdd = useMay('createConfiguredRoutingGateway');
  const byName = new Map(
    (configured.data?.entries ?? []).map((each) => [each.name, each as Configured]),
  );
  const used = new Map((lines.data?.lines ?? []).map(({ subject, inUse }) => [subject, inUse]));
  const listed = rowsOf(live, 'gateways')?.toSorted(byText) ?? gateways.data?.gateways;
  const rows = listed?.map((gateway) => ({
    gateway,
    configured: byName.get(gateway.name),
    inUse: used.get(`routing-gateway ${gateway.name}`) ?? 0,
  }));
  return (
    <Page
      title="Gateways"
      lead="Where calls go: whether they answer, what they carry, how well."
      actions={
        mayAdd ? (
          <Link href={entryHref('routing-gateways', '+')} className="button primary">
            Add a gateway
          </Link>
        ) : undefined
      }
    >
      <Filters label="Filter gateways">
        <ChoiceFilter
          label="State"
          value={state}
          choices={[['', 'all'], ...states.map((each) => [each, each] as const)]}
          onChange={(value) => {
            change({ state: value });
          }}
        />
      </Filters>
      <DataTable
        name="Gateways"
        columns={columns}
        rows={rows}
        keyOf={({ gateway }) => gateway.name}
        error={gateways.error ?? live.error ?? lines.error}
        empty={
          <>
            No gateway fits. <Link href={entryHref('routing-gateways', '+')}>Add one</Link>, and
            calls have somewhere to go.
          </>
        }
        menu={(row) => <RowMenu label={`Actions for ${row.gateway.name}`} lines={menuOf(row)} />}
        tools={
          <>
            <CsvLink path="/configuration/routing-gateways" name="routing-gateways" />
            <Pager paging={paging} next={gateways.data?.nextAfter} />
          </>
        }
      />
    </Page>
  );
}

function subjectsOf(names: readonly string[]): string {
  return names.map((name) => `routing-gateway ${name}`).join(',');
}

/** As the list has them: by code points. */
function byText({ name: one }: Gateway, { name: other }: Gateway): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function menuOf({ gateway: { name }, configured }: Row): readonly MenuLine[] {
  const encoded = encodeURIComponent(name);
  const [prefix = ''] = configured?.prefixes ?? [];
  return [
    { label: 'Details', href: `/gateways/${encoded}` },
    { label: 'Routing analysis', href: `/routing?callee=${encodeURIComponent(prefix)}` },
    { label: 'Current calls', href: `/calls?gateway=${encoded}` },
    { label: 'Network test', href: `/gateways/${encoded}?test=now` },
    { label: 'Failures', href: `/cdrs?from=1h&failed=true&gateway=${encoded}` },
    { label: 'Trace', href: `/traces?kind=gateway&of=${encoded}` },
    { label: 'Call analysis', href: `/analysis?gateway=${encoded}` },
    { label: 'Change', href: entryHref('routing-gateways', name) },
  ];
}

const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    header: 'Gateway',
    cell: ({ gateway: { name, isLocked } }) => (
      <>
        <Link href={`/gateways/${encodeURIComponent(name)}`}>{name}</Link>
        {isLocked ? <Badge>locked</Badge> : null}
      </>
    ),
    sortBy: ({ gateway }) => gateway.name,
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ gateway: { state, uncheckedBecause } }) => (
      <span title={uncheckedBecause}>
        <Badge>{state}</Badge>
      </span>
    ),
    sortBy: ({ gateway }) => gateway.state,
  },
  {
    id: 'since',
    header: 'Since',
    cell: ({ gateway }) => <Time at={gateway.since} />,
    isExtra: true,
  },
  {
    id: 'lines',
    header: 'Lines',
    cell: ({ inUse, configured }) => <LinesUsed inUse={inUse} limit={configured?.lineLimit ?? 0} />,
    sortBy: ({ inUse }) => inUse,
    isNumber: true,
  },
  {
    id: 'cps',
    header: 'CPS limit',
    cell: ({ configured }) => limitOf(configured?.callsPerSecond),
    isNumber: true,
  },
  {
    id: 'prefixes',
    header: 'Prefixes',
    cell: ({ configured }) => prefixesOf(configured?.prefixes ?? []),
  },
  {
    id: 'priority',
    header: 'Priority',
    cell: ({ configured }) => configured?.priority ?? 1,
    isNumber: true,
    isExtra: true,
  },
  {
    id: 'asr',
    header: 'ASR',
    cell: ({ gateway: { quality } }) =>
      quality === null ? '–' : percent(quality.answerSeizureRatio),
    sortBy: ({ gateway }) => gateway.quality?.answerSeizureRatio ?? -1,
    isNumber: true,
  },
  {
    id: 'acd',
    header: 'ACD',
    cell: ({ gateway: { quality } }) =>
      quality === null ? '–' : duration(quality.averageCallSeconds * 1000),
    sortBy: ({ gateway }) => gateway.quality?.averageCallSeconds ?? -1,
    isNumber: true,
  },
  {
    id: 'pdd',
    header: 'PDD',
    cell: ({ gateway: { quality } }) =>
      quality === null ? '–' : `${quality.postDialSeconds.toFixed(2)} s`,
    sortBy: ({ gateway }) => gateway.quality?.postDialSeconds ?? -1,
    isNumber: true,
  },
  {
    id: 'attempts',
    header: 'Attempts',
    cell: ({ gateway: { quality } }) => quality?.attempts ?? 0,
    sortBy: ({ gateway }) => gateway.quality?.attempts ?? 0,
    isNumber: true,
  },
  {
    id: 'group',
    header: 'Group',
    cell: ({ gateway }) => gateway.group,
    sortBy: ({ gateway }) => gateway.group,
    isExtra: true,
  },
];

function limitOf(limit: number | undefined): string {
  return limit === undefined || limit === 0 ? '–' : String(limit);
}

const FEW = 4;

function prefixesOf(prefixes: readonly string[]): string {
  const shown = prefixes.slice(0, FEW).map((prefix) => (prefix === '' ? 'all' : prefix));
  const more = prefixes.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${String(more)} more` : '');
}
