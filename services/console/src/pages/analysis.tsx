import { lazy, Suspense, type ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { failuresOf, layersOf, stepsOf, timeOf, totals } from '../core/call-figures.ts';
import { count, duration } from '../core/format.ts';
import { Bars } from '../ui/bars.tsx';
import { seriesColours } from '../ui/series-colours.ts';
import { Destinations, Gateways } from '../ui/call-figures.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { Filters, RangeFilter, TextFilters } from '../ui/filters.tsx';
import { HeatMap } from '../ui/heat-map.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Tile, Tiles } from '../ui/tiles.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';

const Chart = lazy(async () => ({ default: (await import('../ui/chart.tsx')).Chart }));

type Analysis = Schemas['CallAnalysis'];

const DEFAULT_RANGE = '168h';
/** So many reasons have a colour of their own. */
const LAYERS = 6;
const DAYS_BY_HOUR = 14;
const DAY_MS = 86_400_000;
const MOST_ROWS = 10_000;

const ranges = [
  ['24h', 'last 24 hours'],
  ['168h', 'last 7 days'],
  ['336h', 'last 14 days'],
  ['720h', 'last 30 days'],
  ['2160h', 'last 90 days'],
] as const;

interface Filter {
  readonly from: string;
  readonly until: string;
  readonly account: string;
  readonly gateway: string;
}

/** What calls come to: how many, how well, why they fail, where and when. */
export function AnalysisPage(): ReactElement {
  const [filters, change] = useFilters(['from', 'until', 'account', 'gateway']);
  const asked = { ...filters, from: filters.from === '' ? DEFAULT_RANGE : filters.from };
  const step = spanOf(asked) > DAYS_BY_HOUR * DAY_MS ? 'day' : 'hour';
  const overTime = useAnalysis(step, asked);
  const reasons = useAnalysis(`${step},reason,code`, asked);
  const { data } = overTime;
  return (
    <Page
      title="Call analysis"
      lead="Calls, how well they went, and why they failed: exact figures, by the hour."
    >
      <Filters label="Filter the analysis">
        <RangeFilter from={asked.from} until={filters.until} onChange={change} ranges={ranges} />
        <TextFilters
          fields={[
            ['account', 'Account'],
            ['gateway', 'Gateway'],
          ]}
          values={filters}
          onChange={change}
        />
      </Filters>
      <ProblemBox error={overTime.error} />
      <Totals filter={asked} />
      <CallsOverTime data={data} step={step} filter={asked} />
      <Failures reasons={reasons.data} error={reasons.error} step={step} filter={asked} />
      {step === 'hour' ? (
        <Section title="By hour" note="in your time zone; darker is more">
          {data === undefined ? (
            <p className="empty">Loading …</p>
          ) : (
            <HeatMap rows={data.rows} steps={stepsIn(data, 'hour')} />
          )}
        </Section>
      ) : null}
      <Gateways answer={useAnalysis('gateway', asked)} from={asked.from} />
      <Destinations answer={useAnalysis('destination', asked)} />
    </Page>
  );
}

function useAnalysis(by: string, filter: Filter) {
  const query = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
  return useAnswer(['analysis', by, query], () =>
    answerOf(
      api.GET('/api/v1/call-analysis', { params: { query: { ...query, by, limit: MOST_ROWS } } }),
    ),
  );
}

function spanOf({ from, until }: Filter): number {
  const hours = /^(\d+)h$/.exec(from)?.[1];
  if (hours !== undefined) return Number(hours) * 3_600_000;
  return (until === '' ? Date.now() : Date.parse(until)) - Date.parse(from);
}

function stepsIn({ from, until }: Analysis, step: 'hour' | 'day'): readonly number[] {
  // What has not begun is not to be drawn.
  const end = Math.min(Date.parse(until ?? ''), Date.now());
  return stepsOf(from ?? '', new Date(end).toISOString(), step);
}

function Totals({ filter }: { readonly filter: Filter }): ReactElement {
  const { data } = useAnalysis('', filter);
  const row = data?.rows[0];
  const told = (value: number | null | undefined, unit: string): string =>
    value === null || value === undefined ? '–' : `${String(value)} ${unit}`;
  return (
    <Tiles>
      <Tile label="Calls" value={data === undefined ? '…' : count(row?.calls ?? 0)} />
      <Tile label="Answered" value={data === undefined ? '…' : count(row?.answered ?? 0)} />
      <Tile label="ASR" hint="answered of all" value={told(row?.asrPercent, '%')} />
      <Tile label="NER" hint="no fault of the network" value={told(row?.nerPercent, '%')} />
      <Tile
        label="ACD"
        hint="average call"
        value={typeof row?.acdSeconds === 'number' ? duration(row.acdSeconds * 1000) : '–'}
      />
      <Tile
        label="PDD"
        hint="until it rings"
        value={typeof row?.pddMs === 'number' ? `${(row.pddMs / 1000).toFixed(2)} s` : '–'}
      />
    </Tiles>
  );
}

interface StepProps {
  readonly step: 'hour' | 'day';
  readonly filter: Filter;
}

function CallsOverTime({
  data,
  step,
  filter,
}: StepProps & { readonly data: Analysis | undefined }): ReactElement {
  const steps = data === undefined ? [] : stepsIn(data, step);
  const byTime = new Map((data?.rows ?? []).map((row) => [timeOf(row), row]));
  return (
    <Section
      title="Calls over time"
      note={`by the ${step}`}
      actions={
        <CsvLink path="/call-analysis" query={{ ...filter, by: step }} name="calls-over-time" />
      }
    >
      <Suspense fallback={<div className="chart" />}>
        <Chart
          label={`Calls, answered calls and answer-seizure ratio by the ${step}`}
          times={steps.map((at) => at / 1000)}
          series={[
            {
              label: 'calls',
              colour: 'two',
              values: steps.map((at) => byTime.get(at)?.calls ?? 0),
            },
            {
              label: 'answered',
              colour: 'one',
              values: steps.map((at) => byTime.get(at)?.answered ?? 0),
            },
            {
              label: 'ASR, %',
              colour: 'three',
              isRight: true,
              values: steps.map((at) => byTime.get(at)?.asrPercent ?? null),
            },
          ]}
        />
      </Suspense>
    </Section>
  );
}

interface FailuresProps extends StepProps {
  readonly reasons: Analysis | undefined;
  readonly error: unknown;
}

function Failures({ reasons, error, step, filter }: FailuresProps): ReactElement {
  const failed = failuresOf(reasons?.rows ?? []);
  const steps = reasons === undefined ? [] : stepsIn(reasons, step);
  const layers = layersOf(failed, steps, LAYERS);
  const { account, from, gateway, until } = filter;
  const query = new URLSearchParams({ from, until, account, gateway });
  return (
    <Section
      title="Failures by reason"
      note={reasons?.hasMore === true ? `the first ${count(MOST_ROWS)} rows` : `by the ${step}`}
      actions={
        <CsvLink
          path="/call-analysis"
          query={{ ...filter, by: `${step},reason,code` }}
          name="failures-by-reason"
        />
      }
    >
      <ProblemBox error={error} />
      {reasons !== undefined && failed.length === 0 ? (
        <p className="empty">No call has failed in this time.</p>
      ) : (
        <>
          <Suspense fallback={<div className="chart" />}>
            <Chart
              label={`Failed calls by the ${step}, by their reasons`}
              isStacked
              times={steps.map((at) => at / 1000)}
              series={layers.map(({ name, values }, index) => ({
                label: name,
                values,
                colour: seriesColours[index] ?? 'seven',
              }))}
            />
          </Suspense>
          <Bars
            bars={totals(failed, ({ reason }) => reason ?? '').map(({ name, calls }) => ({
              label: name,
              size: calls,
              href: `/cdrs?${query.toString()}&failed=true&reason=${encodeURIComponent(name)}`,
            }))}
          />
        </>
      )}
    </Section>
  );
}
