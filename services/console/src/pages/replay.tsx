import type { ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { draftText } from '../core/draft-text.ts';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { saveText } from '../api/download.ts';
import { csvText } from '../core/csv.ts';
import { count, duration, percent } from '../core/format.ts';
import { money } from '../core/money.ts';
import { Badge } from '../ui/badge.tsx';
import { Bars } from '../ui/bars.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Facts, Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Tile, Tiles } from '../ui/tiles.tsx';
import { Time } from '../ui/time.tsx';
import { LIVE_MS, useAnswer } from '../ui/use-answer.ts';

type Replay = Schemas['ReplayDetail'];
type Result = NonNullable<Replay['result']>;
type Figures = Result['accounts'][number]['now'];

/** How far a replay is, and what the draft would change. */
export function ReplayPage(): ReactElement {
  const { id } = useParams<{ id: string }>();
  const ask = () => answerOf(api.GET('/api/v1/replays/{id}', { params: { path: { id } } }));
  // Once it has ended it stays as it is.
  const first = useAnswer(['replay', id], ask);
  const hasEnded = first.data?.state === 'done' || first.data?.state === 'failed';
  const told = useAnswer(['replay', id], ask, hasEnded ? {} : { everyMs: LIVE_MS });
  const replay = told.data;
  return (
    <Page
      title="Replay"
      lead={replay?.note}
      actions={
        <Link className="button" href="/replays">
          All replays
        </Link>
      }
    >
      <ProblemBox error={told.error} />
      {replay === undefined ? null : <Progress replay={replay} />}
      {replay?.result === undefined || replay.result === null ? null : (
        <Found result={replay.result} />
      )}
      {replay === undefined || replay.changes.length === 0 ? null : (
        <Section title="What the draft changes">
          <DataTable
            name="Changes of the draft"
            columns={changeColumns}
            rows={replay.changes}
            keyOf={({ kind, subject }) => `${kind} ${subject}`}
            empty="Nothing."
          />
        </Section>
      )}
    </Page>
  );
}

function Progress({ replay }: { readonly replay: Replay }): ReactElement {
  const { calls, error, finishedAt, from, limits, share, state, until, version } = replay; // prettier-ignore
  return (
    <section className="section" aria-label="Progress">
      <p aria-live="polite">
        <Badge>{state}</Badge> <progress max={1} value={share} aria-label="Done" /> {percent(share)}
        , {count(calls)} {calls === 1 ? 'call' : 'calls'}
      </p>
      {error === '' ? null : <p className="problem">{error}</p>}
      <Facts
        facts={[
          ['Draft', draftText(replay)],
          ['Held against', `version ${String(version)}`],
          ['Calls', from === null ? 'of a file' : <><Time at={from} /> – <Time at={until} /></>],
          ['Limits', limits === 'keep' ? 'kept' : 'ignored'],
          ['By', replay.createdBy],
          ['Ended', finishedAt === null ? undefined : <Time at={finishedAt} />],
        ]} // prettier-ignore
      />
    </section>
  );
}

function Found({ result }: { readonly result: Result }): ReactElement {
  const { draft, more, now, then, unread } = result;
  const totals = [
    ['Calls', ...sidesOf(result, ({ calls }) => count(calls))],
    ['Answered', ...sidesOf(result, ({ answered }) => count(answered))],
    ['Failed at a gateway', ...sidesOf(result, ({ failed }) => count(failed))],
    ['Refused', ...sidesOf(result, ({ refused }) => count(refused))],
    ['Nobody knows', ...sidesOf(result, ({ open }) => count(open))],
    ['Talk', ...sidesOf(result, ({ seconds }) => duration(seconds * 1000))],
    ['Revenue', ...sidesOf(result, ({ revenue }) => money(revenue))],
    ['Cost', ...sidesOf(result, ({ cost }) => money(cost))],
    ['Margin', ...sidesOf(result, ({ margin }) => money(margin))],
  ] as const;
  const all = result.lines.find(({ subject }) => subject === 'switch');
  return (
    <>
      <Tiles>
        <Tile
          label="Margin"
          hint="of the draft, more than now"
          value={money(more.margin)}
          isBad={more.margin.some(({ amount }) => amount.startsWith('-'))}
        />
        <Tile
          label="Answered"
          hint="more than now"
          value={count(more.answered)}
          isBad={more.answered < 0}
        />
        <Tile
          label="Lines needed"
          hint="of the switch, draft"
          value={count(all?.draft.lines ?? 0)}
        />
        <Tile
          label="Calls a second"
          hint="at most, draft"
          value={count(all?.draft.perSecond ?? 0)}
        />
      </Tiles>
      <Section
        title="Then, now and by the draft"
        note="then: as the calls were; now: by the configuration. Revenue is what the topmost account pays, without what resellers add"
      >
        <DataTable
          name="Totals"
          columns={totalColumns}
          rows={totals.map(([what, was, is, would]) => ({ what, was, is, would }))}
          keyOf={({ what }) => what}
          empty=""
        />
        {unread === 0 ? null : <p className="note">{count(unread)} CDRs could not be read.</p>}
      </Section>
      <Section title="Why calls are not answered, now">
        <Bars bars={now.reasons.map(({ calls, reason }) => ({ label: reason, size: calls }))} />
        {now.reasons.length === 0 ? <p className="empty">All are.</p> : null}
      </Section>
      <Section title="By the draft">
        <Bars bars={draft.reasons.map(({ calls, reason }) => ({ label: reason, size: calls }))} />
        {draft.reasons.length === 0 ? <p className="empty">All are.</p> : null}
      </Section>
      <Compared
        title="Gateways"
        note="who wins or loses most calls first"
        rows={result.gateways.map(({ gateway, ...row }) => ({ name: gateway, ...row }))}
      />
      <Compared
        title="Accounts"
        rows={result.accounts.map(({ account, ...row }) => ({ name: account, ...row }))}
      />
      <Lines result={result} />
      <Section title="Calls that go elsewhere">
        <DataTable
          name="Moves"
          columns={moveColumns}
          rows={result.moves}
          keyOf={({ from, to }) => `${from} ${to}`}
          empty={`None of ${count(then.calls)}.`}
        />
      </Section>
    </>
  );
}

function sidesOf(
  { draft, now, then }: Result,
  text: (figures: Figures) => string,
): readonly [string, string, string] {
  return [text(then), text(now), text(draft)];
}

interface ComparedRow {
  readonly name: string;
  readonly then: Figures;
  readonly now: Figures;
  readonly draft: Figures;
  readonly more: Result['more'];
}

function Compared({
  title,
  note,
  rows,
}: {
  readonly title: string;
  readonly note?: string;
  readonly rows: readonly ComparedRow[];
}): ReactElement {
  return (
    <Section
      title={title}
      {...(note === undefined ? {} : { note })}
      actions={<Save name={title} csv={() => comparedCsv(rows)} />}
    >
      <DataTable
        name={`${title} compared`}
        columns={comparedColumns}
        rows={rows}
        keyOf={({ name }) => name}
        empty="None."
      />
    </Section>
  );
}

function comparedCsv(rows: readonly ComparedRow[]): string {
  const sides = ['then', 'now', 'draft'] as const;
  const names = ['calls', 'answered', 'failed', 'refused', 'open', 'seconds'] as const;
  const columns = sides.flatMap((side) => [...names, 'revenue', 'cost', 'margin'].map((name) => `${name} ${side}`)); // prettier-ignore
  return csvText(
    ['name', ...columns, 'margin more'],
    rows.map((row) => [
      row.name,
      ...sides.flatMap((side) => [
        ...names.map((name) => row[side][name]),
        money(row[side].revenue),
        money(row[side].cost),
        money(row[side].margin),
      ]),
      money(row.more.margin),
    ]),
  );
}

function Lines({ result: { lines } }: { readonly result: Result }): ReactElement {
  const csv = (): string =>
    csvText(
      ['subject', 'lines now', 'lines draft', 'limit draft', 'a second now', 'a second draft', 'limit a second draft', 'full draft'],
      lines.map(({ draft, now, subject }) => [subject, now.lines, draft.lines, draft.lineLimit, now.perSecond, draft.perSecond, draft.perSecondLimit, draft.full]),
    ); // prettier-ignore
  return (
    <Section
      title="Lines and calls a second"
      note="at most, of all the time"
      actions={<Save name="Lines" csv={csv} />}
    >
      <DataTable
        name="Lines needed"
        columns={lineColumns}
        rows={lines}
        keyOf={({ subject }) => subject}
        empty="None."
      />
    </Section>
  );
}

function Save({ name, csv }: { readonly name: string; readonly csv: () => string }): ReactElement {
  return (
    <button
      type="button"
      className="button quiet"
      aria-label={`${name} as CSV`}
      onClick={() => {
        saveText(csv(), 'text/csv', `replay-${name.toLowerCase()}.csv`);
      }}
    >
      CSV
    </button>
  );
}

interface Total {
  readonly what: string;
  readonly was: string;
  readonly is: string;
  readonly would: string;
}

const totalColumns: readonly Column<Total>[] = [
  { id: 'what', header: 'What', cell: ({ what }) => what },
  { id: 'was', header: 'Then', cell: ({ was }) => was, isNumber: true },
  { id: 'is', header: 'Now', cell: ({ is }) => is, isNumber: true },
  { id: 'would', header: 'Draft', cell: ({ would }) => would, isNumber: true },
];

const comparedColumns: readonly Column<ComparedRow>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, sortBy: ({ name }) => name },
  figure('calls-now', 'Calls now', ({ now }) => now.calls),
  figure('calls-draft', 'Draft', ({ draft }) => draft.calls),
  figure('calls-more', 'More', ({ more }) => more.calls),
  figure('answered-now', 'Answered now', ({ now }) => now.answered),
  figure('answered-draft', 'Draft', ({ draft }) => draft.answered),
  { id: 'margin-now', header: 'Margin now', cell: ({ now }) => money(now.margin), isNumber: true },
  { id: 'margin', header: 'Draft', cell: ({ draft }) => money(draft.margin), isNumber: true },
  { id: 'margin-more', header: 'More', cell: ({ more }) => money(more.margin), isNumber: true },
];

type LinesRow = Result['lines'][number];

const lineColumns: readonly Column<LinesRow>[] = [
  { id: 'subject', header: 'Of', cell: ({ subject }) => subject, sortBy: ({ subject }) => subject },
  figure('lines-now', 'Lines now', ({ now }) => now.lines),
  figure('lines-draft', 'Draft', ({ draft }) => draft.lines),
  figure('line-limit', 'Limit', ({ draft }) => draft.lineLimit),
  { id: 'at', header: 'When', cell: ({ draft }) => <Time at={draft.linesAt} /> },
  figure('rate-now', 'A second now', ({ now }) => now.perSecond),
  figure('rate-draft', 'Draft', ({ draft }) => draft.perSecond),
  figure('rate-limit', 'Limit', ({ draft }) => draft.perSecondLimit),
  figure('full', 'Full for', ({ draft }) => draft.full),
];

function figure<Row>(id: string, header: string, of: (row: Row) => number): Column<Row> {
  return { id, header, cell: (row) => count(of(row)), sortBy: of, isNumber: true };
}

const moveColumns: readonly Column<Result['moves'][number]>[] = [
  figure('calls', 'Calls', ({ calls }) => calls),
  { id: 'from', header: 'Now', cell: ({ from }) => from, sortBy: ({ from }) => from },
  { id: 'to', header: 'Draft', cell: ({ to }) => to, sortBy: ({ to }) => to },
  { id: 'margin', header: 'Margin more', cell: ({ margin }) => money(margin), isNumber: true },
];

const changeColumns: readonly Column<Replay['changes'][number]>[] = [
  { id: 'subject', header: 'What', cell: ({ subject }) => subject },
  { id: 'kind', header: 'Change', cell: ({ kind }) => kind },
  { id: 'fields', header: 'Fields', cell: ({ fields }) => fields.join('; ') },
];
