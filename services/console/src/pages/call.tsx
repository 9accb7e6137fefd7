import type { UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactElement, type ReactNode } from 'react';
import { Link, useParams } from 'wouter';
import { ApiProblem, answerOf, api, type Schemas } from '../api/client.ts';
import { saveText } from '../api/download.ts';
import { useMay } from '../api/session.ts';
import { between, duration } from '../core/format.ts';
import { Badge, Code } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { useHangUp } from '../ui/hang-up.tsx';
import { JournalList } from '../ui/journal-list.tsx';
import { CallMessages } from '../ui/messages.tsx';
import { Facts, Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Steps } from '../ui/steps.tsx';
import { Time } from '../ui/time.tsx';
import { LIVE_MS, useAnswer } from '../ui/use-answer.ts';
import { Words } from '../ui/words.tsx';

type Cdr = Schemas['Cdr'];
type Explanation = Schemas['Explanation'];

/** How long a CDR is waited for that is not there: who was refused before his call began has none. */
const CDR_MS = 30_000;

/** Why a call went as it did; one that is in progress is shown as it goes. */
export function CallPage(): ReactElement {
  const { id } = useParams<{ id: string }>();
  return <Told key={id} callId={decodeURIComponent(id)} />;
}

function Told({ callId }: { readonly callId: string }): ReactElement {
  const { told, isUp, call, cdr } = useCall(callId);
  const { ask, dialog } = useHangUp();
  const { data } = told;
  const parties = call ?? cdr;
  return (
    <Page
      title={parties === undefined ? 'Call' : `${parties.caller} → ${parties.callee}`}
      lead={<code>{callId}</code>}
      actions={<Actions call={call} cdr={cdr} told={data} onHangUp={ask} />}
    >
      <ProblemBox error={told.error} />
      {data === undefined ? null : <Summary told={data} />}
      {parties === undefined ? null : <Overview call={parties} cdr={cdr} />}
      <CallMessages callId={callId} everyMs={isUp ? LIVE_MS : undefined} />
      {data === undefined ? null : <Course told={data} />}
      {cdr === undefined ? null : <Legs cdr={cdr} />}
      {data === undefined ? null : <Noted told={data} />}
      {dialog}
    </Page>
  );
}

interface CallState {
  readonly told: UseQueryResult<Explanation>;
  readonly isUp: boolean;
  readonly call: Schemas['Call'] | undefined;
  readonly cdr: Cdr | undefined;
}

/** What is known of a call, asked again as long as it may change. */
function useCall(callId: string): CallState {
  const params = { path: { callId } };
  const [openedMs] = useState(() => Date.now());
  const told = useAnswer(
    ['explain', callId],
    () => answerOf(api.GET('/api/v1/explain/{callId}', { params })),
    {
      everyMs: (data) =>
        data === undefined || data.outcome === 'in-progress' ? LIVE_MS : undefined,
    },
  );
  const isUp = told.data?.outcome === 'in-progress';
  const live = useAnswer(
    ['call', callId],
    () => orNothing(answerOf(api.GET('/api/v1/calls/{callId}', { params }))),
    { everyMs: LIVE_MS, isOff: !isUp },
  );
  const ended = useAnswer(
    ['cdr', callId],
    () => orNothing(answerOf(api.GET('/api/v1/cdrs/{callId}', { params }))),
    {
      isOff: told.data === undefined || isUp,
      everyMs: (data) => (data === null && Date.now() - openedMs < CDR_MS ? LIVE_MS : undefined),
    },
  );
  return {
    told,
    isUp,
    call: isUp ? (live.data ?? undefined) : undefined,
    cdr: isUp ? undefined : (ended.data ?? undefined),
  };
}

function Noted({ told: { entries } }: { readonly told: Explanation }): ReactElement | null {
  if (entries.length === 0) return null;
  return (
    <Section title="In the journal" note="with this Call-ID">
      <JournalList entries={entries} />
    </Section>
  );
}

interface ActionsProps {
  readonly call: Schemas['Call'] | undefined;
  readonly cdr: Cdr | undefined;
  readonly told: Explanation | undefined;
  readonly onHangUp: (call: Schemas['Call']) => void;
}

function Actions({ call, cdr, told, onHangUp }: ActionsProps): ReactElement {
  const mayHangUp = useMay('hangUpCall');
  return (
    <>
      {call !== undefined && mayHangUp ? (
        <button
          type="button"
          className="button danger"
          onClick={() => {
            onHangUp(call);
          }}
        >
          Hang up …
        </button>
      ) : null}
      {told === undefined ? null : (
        <button
          type="button"
          className="button"
          onClick={() => {
            const whole = { explanation: told, cdr: cdr ?? null, call: call ?? null };
            const text = JSON.stringify(whole, null, 2);
            saveText(text, 'application/json', `call-${told.callId}.json`);
          }}
        >
          Export
        </button>
      )}
    </>
  );
}

function Course({ told }: { readonly told: Explanation }): ReactElement {
  return (
    <>
      {told.attempts.length === 0 ? null : <Attempts told={told} />}
      {told.steps.length === 0 ? null : (
        <Section title="Decisions" note="in their order, with the values at the time">
          <Steps steps={told.steps} />
        </Section>
      )}
    </>
  );
}

/** There may be no such call any more, or no CDR yet. */
async function orNothing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 404) return null;
    throw error;
  }
}

function Summary({ told }: { readonly told: Explanation }): ReactElement {
  return (
    <section className={`told ${told.outcome}`} aria-label="Explanation">
      <p className="told-head">
        <Badge>{told.outcome}</Badge>
        {told.code === 0 ? null : <Code code={told.code} />}
        {told.reason === '' ? null : <span className="note">{told.reason}</span>}
      </p>
      <p className="told-summary">
        <Words>{told.summary}</Words>
      </p>
      {told.missing.length === 0 ? null : (
        <p className="note">Could not be asked, and may know more: {told.missing.join(', ')}.</p>
      )}
      {told.evidence.map((each) => (
        <p key={each} className="note">
          <Words>{each}</Words>
        </p>
      ))}
      {told.change === null ? null : (
        <p className="told-change">
          <strong>What would change it:</strong> <Words>{told.change}</Words>
        </p>
      )}
      {told.others.length === 0 ? null : (
        <p className="note">
          Other calls with this Call-ID:{' '}
          {told.others.map((other) => (
            <Link key={other} href={`/calls/${encodeURIComponent(other)}`}>
              {other}{' '}
            </Link>
          ))}
        </p>
      )}
    </section>
  );
}

interface OverviewProps {
  readonly call: Schemas['Call'] | Cdr;
  readonly cdr: Cdr | undefined;
}

function Overview({ call, cdr }: OverviewProps): ReactElement {
  const { origin, gateway } = call;
  return (
    <div className="side-by-side">
      <Section title="Course">
        <Facts
          facts={[
            ['Began', <Time key="t" at={call.startedAt} />],
            ['Until it rang', cdr === undefined ? '' : between(cdr.startedAt, cdr.ringingAt)],
            ['Answered', <Time key="t" at={call.answeredAt} />],
            ['Talked', talkedOf(call, cdr)],
            ...(cdr === undefined ? [] : endOf(cdr)),
            ['From', origin === null ? undefined : `${origin.kind} ${origin.name}`],
            ['Gateway', linkTo('/gateways/', gateway)],
            ['Pod', call.edge],
          ]}
        />
      </Section>
      <Section title="Money">
        <Facts
          facts={[
            ['Account', linkTo('/accounts?search=', call.account)],
            ...(cdr === undefined ? [] : chargeOf(cdr)),
          ]}
        />
        {cdr === undefined ? <p className="note">A call is charged when it ends.</p> : null}
      </Section>
    </div>
  );
}

type Fact = readonly [string, ReactNode];

function endOf({ endedAt, endedBy, text, traceId }: Cdr): readonly Fact[] {
  return [
    ['Ended', <Time key="t" at={endedAt} />],
    ['Ended by', endedBy],
    ['Said', text],
    ['Trace', traceId === '' ? undefined : <code key="c">{traceId}</code>],
  ];
}

function chargeOf(cdr: Cdr): readonly Fact[] {
  const { price, currency, billedSeconds, priceExplanation, cost, costCurrency, ratedBy } = cdr;
  const sheet = ratedBy?.sheetVersion ?? null;
  return [
    ['Charged', `${price} ${currency}`],
    ['For', `${String(billedSeconds)} s`],
    ['How', priceExplanation],
    [
      'Rate sheet',
      sheet === null ? undefined : `${ratedBy?.rateGroup ?? ''}, version ${String(sheet)}`,
    ],
    ['Cost', costCurrency === '' ? undefined : `${cost} ${costCurrency}`],
    ...cdr.levels.map((level): Fact => [
      `Reseller ${level.account}`,
      `${level.price} ${level.currency}, margin ${level.margin}; ${level.priceExplanation}`,
    ]),
    ...cdr.corrections.map(({ account, difference, note, rerating, side }, index): Fact => [
      side === 'level' ? `Reseller ${account} corrected by` : side === 'call' ? 'Price corrected by' : 'Cost corrected by',
      <span key={String(index)}>
        {difference}: <Link href={`/reratings/${String(rerating)}`}>re-rating {rerating}</Link>, {note}
      </span>,
    ]), // prettier-ignore
    ['Price now', cdr.currentPrice === price ? undefined : `${cdr.currentPrice} ${currency}`],
    ...cdr.levels.map((level): Fact => [
      `Reseller ${level.account} now`,
      level.currentPrice === level.price && level.currentMargin === level.margin
        ? undefined
        : `${level.currentPrice} ${level.currency}, margin ${level.currentMargin}`,
    ]),
    ['Cost now', cdr.currentCost === cost ? undefined : `${cdr.currentCost} ${costCurrency}`],
  ];
}

function linkTo(page: string, name: string): ReactNode {
  return name === '' ? undefined : <Link href={page + encodeURIComponent(name)}>{name}</Link>;
}

function talkedOf(call: Schemas['Call'] | Cdr, cdr: Cdr | undefined): string {
  if (cdr !== undefined) return duration(cdr.durationMs);
  return between(call.answeredAt, new Date().toISOString());
}

type AttemptRow = Explanation['attempts'][number];

const attemptColumns: readonly Column<AttemptRow>[] = [
  { id: 'at', header: 'At', cell: ({ attempt }) => <Time at={attempt.startedAt} /> },
  {
    id: 'gateway',
    header: 'Gateway',
    cell: ({ attempt: { gateway } }) =>
      gateway === '' ? (
        ''
      ) : (
        <Link href={`/gateways/${encodeURIComponent(gateway)}`}>{gateway}</Link>
      ),
  },
  { id: 'address', header: 'Address', cell: ({ attempt }) => attempt.address },
  { id: 'code', header: 'Code', cell: ({ attempt }) => <Code code={attempt.code} /> },
  { id: 'text', header: 'What happened', cell: ({ text }) => <Words>{text}</Words> },
  {
    id: 'took',
    header: 'Took',
    cell: ({ attempt }) => between(attempt.startedAt, attempt.endedAt),
    isNumber: true,
  },
];

function Attempts({ told }: { readonly told: Explanation }): ReactElement {
  return (
    <Section title="Attempts" note="gateways and phones that it was offered to">
      <DataTable
        name="Attempts"
        columns={attemptColumns}
        rows={told.attempts}
        keyOf={({ attempt }) =>
          `${attempt.gateway} ${attempt.address} ${attempt.startedAt ?? ''} ${attempt.contact}`
        }
        empty="It was offered to nobody."
      />
    </Section>
  );
}

function Legs({ cdr }: { readonly cdr: Cdr }): ReactElement {
  const legs = [
    ['Caller’s leg', cdr.a, cdr.media?.a],
    ['Gateway’s leg', cdr.b, cdr.media?.b],
  ] as const;
  return (
    <div className="side-by-side">
      {legs.map(([name, leg, media]) =>
        leg === null ? null : (
          <Section key={name} title={name}>
            <Facts
              facts={[
                ['Caller', leg.caller],
                ['Callee', leg.callee],
                ['Address', `${leg.peerAddress} ${leg.transport}`],
                ['From', leg.from],
                ['Asserted', leg.asserted],
                ['Device', leg.userAgent],
                ['Codecs', leg.codecs.join(', ')],
                ['SIP Call-ID', <code key="c">{leg.sipCallId}</code>],
                [
                  'Packets',
                  media === null || media === undefined ? undefined : String(media.packets),
                ],
                [
                  'Lost',
                  media === null || media === undefined
                    ? undefined
                    : `${String(media.lossPercent)} %`,
                ],
                [
                  'MOS',
                  media?.mos === null || media?.mos === undefined ? undefined : String(media.mos),
                ],
              ]}
            />
          </Section>
        ),
      )}
    </div>
  );
}
