import { lazy, Suspense, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { count, duration, percent, rate } from '../core/format.ts';
import { qualityOfAll, tally, type RatePoint } from '../core/rate-history.ts';
import { Badge, Code } from '../ui/badge.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Tile, Tiles } from '../ui/tiles.tsx';
import { Time } from '../ui/time.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { useRates } from '../ui/use-rates.ts';
import { Bars } from '../ui/bars.tsx';

const Chart = lazy(async () => ({ default: (await import('../ui/chart.tsx')).Chart }));

/** What the switch does at this moment. */
export function NowPage(): ReactElement {
  const { points, status, pods, error } = useRates();
  const latest = points.at(-1);
  const gateways = useAnswer(
    ['gateways', 'all'],
    () => answerOf(api.GET('/api/v1/gateways', { params: { query: { limit: 1000 } } })),
    { everyMs: SLOW_MS },
  );
  const quality = qualityOfAll((gateways.data?.gateways ?? []).map((each) => each.quality));
  const shedding = pods.filter(({ isShedding }) => isShedding);
  return (
    <Page title="Now">
      <ProblemBox error={error} />
      {shedding.length === 0 ? null : (
        <div className="problem" role="status">
          <strong>More comes than can be taken:</strong>{' '}
          {shedding.map(({ name }) => name).join(', ')} begin fewer calls than come.
        </div>
      )}
      <Alarms />
      <Figures status={status} latest={latest} quality={quality} />
      <Section
        title="Calls"
        note={
          quality === undefined
            ? 'since this page was opened'
            : `since this page was opened; ASR, ACD and PDD of all gateways, last ${duration(quality.windowSeconds * 1000)}`
        }
      >
        <Suspense fallback={<div className="chart" />}>
          <Chart
            label="New calls a second, answered calls a second, and calls up, since this page was opened"
            times={points.map(({ atMs }) => atMs / 1000)}
            series={[
              { label: 'new a second', colour: 'one', values: points.map((p) => p.callsPerSecond) },
              {
                label: 'answered a second',
                colour: 'two',
                values: points.map((p) => p.answersPerSecond),
              },
              {
                label: 'calls up',
                colour: 'three',
                isRight: true,
                values: points.map((p) => p.callsUp),
              },
            ]}
          />
        </Suspense>
      </Section>
      <div className="side-by-side now-parts">
        <Failures />
        <Section
          title="Gateways"
          note={
            <>
              {typeof gateways.data?.nextAfter === 'string' ? 'the first 1,000; ' : ''}
              <Link href="/gateways">all</Link>
            </>
          }
        >
          <ProblemBox error={gateways.error} />
          <GatewayStates states={(gateways.data?.gateways ?? []).map(({ state }) => state)} />
        </Section>
        <LastCalls />
      </div>
    </Page>
  );
}

/** What is wrong now, before all figures. */
function Alarms(): ReactElement | null {
  const alarms = useAnswer(
    ['alarms', 'open'],
    () => answerOf(api.GET('/api/v1/alarms', { params: { query: { state: 'open', limit: 5 } } })),
    { everyMs: SLOW_MS },
  );
  const { alarms: found = [], open } = alarms.data ?? {};
  if (open === undefined || open.page + open.ticket === 0) return null;
  return (
    <div className="problem" role="status">
      <Link href="/alarms">
        <Badge>{`${count(open.page + open.ticket)} alarms`}</Badge>
      </Link>{' '}
      {found.map(({ id, summary }) => (
        <span key={id} className="note block">
          {summary}
        </span>
      ))}
    </div>
  );
}

interface FiguresProps {
  readonly status: Schemas['Status'] | undefined;
  readonly latest: RatePoint | undefined;
  readonly quality: ReturnType<typeof qualityOfAll>;
}

function Figures({ status, latest, quality }: FiguresProps): ReactElement {
  return (
    <Tiles>
      <Tile
        label="Calls up"
        value={status === undefined ? '…' : count(status.calls)}
        href="/calls"
      />
      <Tile
        label="New calls a second"
        value={latest === undefined ? '…' : rate(latest.callsPerSecond)}
      />
      <Tile
        label="Answered a second"
        value={latest === undefined ? '…' : rate(latest.answersPerSecond)}
      />
      <Tile
        label="ASR"
        hint="answered of attempts"
        value={quality === undefined ? '–' : percent(quality.answerSeizureRatio)}
      />
      <Tile
        label="ACD"
        hint="average call"
        value={quality === undefined ? '–' : duration(quality.averageCallSeconds * 1000)}
      />
      <Tile
        label="PDD"
        hint="until it rings"
        value={quality === undefined ? '–' : `${quality.postDialSeconds.toFixed(2)} s`}
      />
      <Tile
        label="Events to be written"
        hint="outbox"
        value={status === undefined ? '…' : count(status.outbox)}
        isBad={(status?.outbox ?? 0) > 1000}
      />
    </Tiles>
  );
}

function Failures(): ReactElement {
  const failed = useAnswer(
    ['cdrs', 'failed', 'now'],
    () =>
      answerOf(
        api.GET('/api/v1/cdrs', { params: { query: { failed: 'true', from: '15m', limit: 200 } } }),
      ),
    { everyMs: SLOW_MS },
  );
  const reasons = tally((failed.data?.cdrs ?? []).map(({ reason }) => reason));
  return (
    <Section
      title="Failures by reason"
      note={failed.data?.nextCursor === null ? 'last 15 minutes' : 'the last 200'}
    >
      <ProblemBox error={failed.error} />
      {failed.data !== undefined && reasons.length === 0 ? (
        <p className="empty">No call has failed in the last 15 minutes.</p>
      ) : (
        <Bars
          bars={reasons.map(({ value, count: size }) => ({
            label: value,
            size,
            href: `/cdrs?from=15m&failed=true&reason=${encodeURIComponent(value)}`,
          }))}
        />
      )}
    </Section>
  );
}

function GatewayStates({ states }: { readonly states: readonly string[] }): ReactElement {
  if (states.length === 0) return <p className="empty">No gateway is configured.</p>;
  return (
    <ul className="states">
      {tally(states).map(({ value, count: size }) => (
        <li key={value}>
          <Link href={`/gateways?state=${value}`}>
            <Badge>{value}</Badge> {count(size)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function LastCalls(): ReactElement {
  const last = useAnswer(
    ['cdrs', 'last'],
    () => answerOf(api.GET('/api/v1/cdrs', { params: { query: { limit: 8 } } })),
    { everyMs: SLOW_MS / 2 },
  );
  const cdrs = last.data?.cdrs ?? [];
  return (
    <Section title="The last calls" note={<Link href="/cdrs?from=1h">all</Link>}>
      <ProblemBox error={last.error} />
      {last.data !== undefined && cdrs.length === 0 ? (
        <p className="empty">
          No call has ended yet. The first one appears here within seconds; README.md has one for
          SIPp.
        </p>
      ) : (
        <ul className="last-calls">
          {cdrs.map((cdr) => (
            <li key={cdr.callId}>
              <Link href={`/calls/${encodeURIComponent(cdr.callId)}`}>
                <Time at={cdr.endedAt} />
                <span className="parties">
                  {cdr.caller} → {cdr.callee}
                </span>
                <span>{cdr.gateway}</span>
                <span>{cdr.durationMs > 0 ? duration(cdr.durationMs) : cdr.reason}</span>
                <Code code={cdr.code} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
