import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ChoiceFilter, Filters, RangeFilter, TextFilter } from '../ui/filters.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { Time } from '../ui/time.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

type Alarm = Schemas['Alarm'];
type Rule = Schemas['AlarmRuleList']['rules'][number];
type Channel = Schemas['AlarmChannelList']['channels'][number];

const states = ['open', 'unacknowledged', 'acknowledged', 'cleared', 'all'] as const;
const severities = ['page', 'ticket'] as const;

/** What is wrong, who looks after it, what raises alarms and who is told. */
export function AlarmsPage(): ReactElement {
  return (
    <Page
      title="Alarms"
      lead="What is wrong now, and what was. Rules raise alarms; channels tell of them."
    >
      <Alarms />
      <Rules />
      <Channels />
    </Page>
  );
}

function Alarms(): ReactElement {
  const [filters, change] = useFilters(['state', 'severity', 'rule', 'from', 'until']);
  const set = asked(filters);
  const paging = usePaging(JSON.stringify(set));
  const query = {
    ...set,
    state: states.find((each) => each === filters.state) ?? 'open',
    severity: severities.find((each) => each === filters.severity),
    cursor: paging.cursor,
  };
  const list = useAnswer(
    ['alarms', set, paging.cursor],
    () => answerOf(api.GET('/api/v1/alarms', { params: { query } })),
    { everyMs: SLOW_MS },
  );
  const may = useMay('acknowledgeAlarm');
  const { ask, dialog } = useAcknowledgement();
  return (
    <Section title="Alarms" note={<CsvLink path="/api/v1/alarms" query={query} name="alarms" />}>
      <Filters label="Filter the alarms">
        <ChoiceFilter
          label="State"
          value={filters.state === '' ? 'open' : filters.state}
          choices={states.map((state) => [state, state] as const)}
          onChange={(state) => {
            change({ state });
          }}
        />
        <ChoiceFilter
          label="Severity"
          value={filters.severity}
          choices={[['', 'all'], ...severities.map((each) => [each, each] as const)]}
          onChange={(severity) => {
            change({ severity });
          }}
        />
        <TextFilter
          label="Rule"
          value={filters.rule}
          onChange={(rule) => {
            change({ rule });
          }}
        />
        <RangeFilter from={filters.from} until={filters.until} onChange={change} />
      </Filters>
      <DataTable
        name="Alarms"
        columns={alarmColumns}
        rows={list.data?.alarms}
        keyOf={({ id }) => id}
        error={list.error}
        empty="There is no alarm."
        tools={<Pager paging={paging} next={list.data?.nextCursor} />}
        menu={
          may
            ? (row) => (
                <RowMenu
                  label={`Actions for alarm ${row.id}`}
                  lines={
                    row.state === 'open'
                      ? [
                          {
                            label: 'Acknowledge',
                            run: () => {
                              ask(row);
                            },
                          },
                        ]
                      : []
                  }
                />
              )
            : undefined
        }
      />
      {dialog}
    </Section>
  );
}

const alarmColumns: readonly Column<Alarm>[] = [
  {
    id: 'severity',
    header: 'Severity',
    cell: ({ clearedAt, severity }) => (
      <Badge tone={clearedAt !== null ? 'quiet' : severity === 'page' ? 'bad' : 'warn'}>
        {severity}
      </Badge>
    ),
  },
  {
    id: 'summary',
    header: 'What',
    cell: ({ acknowledgedBy, acknowledgedNote, note, rule, summary }) => (
      <>
        {summary}
        <span className="note block">{rule}</span>
        {note === '' ? null : <span className="note block">{note}</span>}
        {acknowledgedBy === '' ? null : (
          <span className="note block">
            {acknowledgedBy} looks after it{acknowledgedNote === '' ? '' : `: ${acknowledgedNote}`}
          </span>
        )}
      </>
    ),
  },
  { id: 'value', header: 'Now', cell: ({ valueText }) => valueText },
  {
    id: 'threshold',
    header: 'Raised',
    cell: ({ comparison, threshold, unit }) => `${comparison} ${String(threshold)} ${unit}`,
  },
  { id: 'state', header: 'State', cell: ({ state }) => <Badge>{state}</Badge> },
  { id: 'raised', header: 'Since', cell: ({ raisedAt }) => <Time at={raisedAt} /> },
  { id: 'cleared', header: 'Ended', cell: ({ clearedAt }) => <Time at={clearedAt} /> },
];

/** Asks for a note, and says that somebody looks after an alarm. */
function useAcknowledgement(): {
  readonly ask: (alarm: Alarm) => void;
  readonly dialog: ReactElement;
} {
  const [alarm, setAlarm] = useState<Alarm>();
  const [note, setNote] = useState('');
  const queries = useQueryClient();
  const saying = useMutation({
    mutationFn: async ({ id }: Alarm) =>
      answerOf(
        api.POST('/api/v1/alarms/{id}/acknowledge', { params: { path: { id } }, body: { note } }),
      ),
    onSuccess: async () => {
      setAlarm(undefined);
      setNote('');
      tell('The alarm is acknowledged');
      await queries.invalidateQueries({ queryKey: ['alarms'] });
    },
  });
  const close = (): void => {
    setAlarm(undefined);
    saying.reset();
  };
  const dialog = (
    <Dialog title="Acknowledge the alarm?" isOpen={alarm !== undefined} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (alarm !== undefined) saying.mutate(alarm);
        }}
      >
        <p>{alarm?.summary} Channels are told that you look after it.</p>
        <label className="filter">
          <span>What is done about it</span>
          <input
            value={note}
            maxLength={1000}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={saying.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={close}>
            Not yet
          </button>
          <button type="submit" className="button primary" disabled={saying.isPending}>
            Acknowledge
          </button>
        </div>
      </form>
    </Dialog>
  );
  return { ask: setAlarm, dialog };
}

function Rules(): ReactElement {
  const list = useAnswer(
    ['alarm-rules'],
    () => answerOf(api.GET('/api/v1/alarm-rules', { params: { query: {} } })),
    { everyMs: SLOW_MS },
  );
  return (
    <Section
      title="Rules"
      note={<Link href="/configuration/alarm-rules">change, or add your own</Link>}
    >
      <DataTable
        name="Alarm rules"
        columns={ruleColumns}
        rows={list.data?.rules}
        keyOf={({ name }) => name}
        error={list.error}
        empty="There is no rule."
      />
    </Section>
  );
}

const ruleColumns: readonly Column<Rule>[] = [
  {
    id: 'name',
    header: 'Rule',
    cell: ({ isBuiltIn, isChanged, name }) =>
      isBuiltIn && !isChanged ? name : <Link href={entryHref('alarm-rules', name)}>{name}</Link>,
    sortBy: ({ name }) => name,
  },
  {
    id: 'state',
    header: 'Is',
    cell: ({ enabled, isBuiltIn, isChanged }) => {
      if (!enabled) return <Badge>off</Badge>;
      return <Badge>{!isBuiltIn ? 'own' : isChanged ? 'changed' : 'built in'}</Badge>;
    },
  },
  { id: 'severity', header: 'Severity', cell: ({ severity }) => severity },
  {
    id: 'condition',
    header: 'Raised where',
    cell: (rule) => (
      <>
        {rule.says} {rule.comparison} {rule.threshold} {rule.unit}
        {rule.windowSeconds === null ? '' : ` over ${String(rule.windowSeconds / 60)} min`}
        {rule.lastingSeconds === 0 ? '' : `, for ${String(rule.lastingSeconds)} s`}
        {rule.unknown === '' ? null : <span className="note block">not known: {rule.unknown}</span>}
      </>
    ),
  },
  {
    id: 'open',
    header: 'Open',
    cell: ({ open }) => open,
    sortBy: ({ open }) => open,
    isNumber: true,
  },
];

function Channels(): ReactElement {
  const may = useMay('testAlarmChannel');
  const queries = useQueryClient();
  const list = useAnswer(
    ['alarm-channels'],
    () => answerOf(api.GET('/api/v1/alarm-channels', { params: { query: {} } })),
    { everyMs: SLOW_MS },
  );
  const testing = useMutation({
    mutationFn: async (name: string) =>
      answerOf(api.POST('/api/v1/alarm-channels/{name}/test', { params: { path: { name } } })),
    onSuccess: async ({ channel, text }) => {
      tell(`${channel}: ${text}`);
      await queries.invalidateQueries({ queryKey: ['alarm-channels'] });
    },
    onError: (error) => {
      tellProblem('The channel was not told', error);
    },
  });
  return (
    <Section
      title="Channels"
      note={<Link href="/configuration/alarm-channels">change, or add one</Link>}
    >
      <DataTable
        name="Alarm channels"
        columns={channelColumns}
        rows={list.data?.channels}
        keyOf={({ name }) => name}
        error={list.error}
        empty="Nobody is told: there is no channel."
        menu={
          may
            ? (row) => (
                <RowMenu
                  label={`Actions for ${row.name}`}
                  lines={[
                    {
                      label: 'Send a test',
                      run: () => {
                        testing.mutate(row.name);
                      },
                    },
                  ]}
                />
              )
            : undefined
        }
      />
    </Section>
  );
}

const channelColumns: readonly Column<Channel>[] = [
  {
    id: 'name',
    header: 'Channel',
    cell: ({ name }) => <Link href={entryHref('alarm-channels', name)}>{name}</Link>,
    sortBy: ({ name }) => name,
  },
  { id: 'kind', header: 'Kind', cell: ({ enabled, kind }) => (enabled ? kind : `${kind}, off`) },
  { id: 'where', header: 'Where', cell: ({ to, url }) => url ?? to.join(', ') },
  { id: 'severities', header: 'Told of', cell: ({ severities: told }) => told.join(', ') },
  { id: 'waiting', header: 'Waiting', cell: ({ waiting }) => waiting, isNumber: true },
  { id: 'sent', header: 'Last taken', cell: ({ lastSentAt }) => <Time at={lastSentAt} /> },
  { id: 'error', header: 'Last error', cell: ({ lastError }) => lastError },
];
