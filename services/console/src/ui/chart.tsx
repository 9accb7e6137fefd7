import { useEffect, useRef, type ReactElement } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { SeriesColour } from './series-colours.ts';

/** One line of the picture. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly colour: SeriesColour;
  /** Right axis. @default left */
  readonly isRight?: boolean;
}

interface ChartProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly height?: number;
  /** As bars on top of each other, where each time is the beginning of a span. @default lines */
  readonly isStacked?: boolean;
}

/** Lines over time, or what adds up at each time. */
export function Chart(props: ChartProps): ReactElement {
  const { label, times, series, height = 220, isStacked = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const latest = useRef<UPlot.AlignedData>([[]]);
  const shape = series.map((each) => `${each.label}/${each.colour}/${String(each.isRight)}`).join();
  // Before the picture is made, so that it is made of these.
  useEffect(() => {
    latest.current = [[...times], ...(isStacked ? stacked(series) : plain(series))];
    chart.current?.setData(latest.current);
  });
  useEffect(() => {
    const parent = frame.current;
    if (parent === null) return undefined;
    const draw = (): void => {
      chart.current?.destroy();
      chart.current = new UPlot(
        optionsOf(series, sizeIn(parent, height), isStacked),
        latest.current,
        parent,
      );
    };
    draw();
    const observer = new ResizeObserver(() => {
      chart.current?.setSize(sizeIn(parent, height));
    });
    observer.observe(parent);
    // Colours are drawn, so another theme draws anew.
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      observer.disconnect();
      themes.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
    // The series are drawn anew where they are others; their values come by setData.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, height, isStacked]);
  return (
    <div className="chart-frame">
      <div ref={frame} className="chart" role="img" aria-label={label} />
      {times.length < 2 ? <p className="chart-empty">Nothing to draw yet.</p> : null}
    </div>
  );
}

/** As wide as its place; a wide one is higher, too. */
function sizeIn({ clientWidth }: HTMLElement, least: number): { width: number; height: number } {
  return { width: clientWidth, height: Math.max(least, Math.min(clientWidth * 0.14, 460)) };
}

function plain(series: readonly Series[]): (number | null)[][] {
  return series.map(({ values }) => [...values]);
}

/** Each with all behind it: drawn from the first to the last, what is in front covers what is not its own. */
function stacked(series: readonly Series[]): number[][] {
  return series.map(({ values }, index) =>
    values.map((_, at) =>
      series.slice(index).reduce((sum, each) => sum + (each.values[at] ?? 0), 0),
    ),
  );
}

const clock = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' });
const DAY_SECONDS = 86_400;

/** A time on the axis: the clock, or the day where the picture is of several. */
function textOf(at: number, ticks: readonly number[]): string {
  const span = (ticks.at(-1) ?? at) - (ticks[0] ?? at);
  return (span > 2 * DAY_SECONDS ? day : clock).format(at * 1000);
}

function optionsOf(
  series: readonly Series[],
  size: { readonly width: number; readonly height: number },
  isStacked: boolean,
): UPlot.Options {
  const styles = getComputedStyle(document.documentElement);
  const colour = (name: string): string => styles.getPropertyValue(`--${name}`).trim();
  const axis: UPlot.Axis = {
    stroke: colour('ink-soft'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1 },
    font: `${String(Math.round(Number.parseFloat(styles.fontSize) * 0.8))}px system-ui, sans-serif`,
  };
  const hasRight = series.some(({ isRight }) => isRight);
  const right: UPlot.Axis = { ...axis, scale: 'right', grid: { show: false } };
  // The side by its number: uPlot's enum is there for types alone.
  Object.assign(right, { side: 1 });
  return {
    ...size,
    cursor: { points: { size: 6 } },
    scales: {
      ...(isStacked ? { x: { range: withLastSpan } } : {}),
      left: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
      right: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
    },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((at) => textOf(at, ticks)), space: 80 },
      { ...axis, scale: 'left', size: 48 },
      ...(hasRight ? [right] : []),
    ],
    series: [
      { value: '{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}' },
      ...series.map(({ label, colour: name, isRight }) => ({
        label,
        scale: isRight === true ? 'right' : 'left',
        stroke: colour(`series-${name}`),
        width: 2,
        points: { show: false },
        spanGaps: true,
        ...(isStacked ? barsOf(colour(`series-${name}`)) : {}),
        // Of what is stacked its own share, and not the sum that is drawn.
        value: (plot: UPlot, value: number | null, index: number, at: number | null) => {
          const behind = isStacked && at !== null ? (plot.data[index + 1]?.[at] ?? 0) : 0;
          return value === null ? '–' : String(Math.round((value - behind) * 10) / 10);
        },
      })),
    ],
  };
}

/** The last bar begins at the last time, and needs its own width behind it. */
function withLastSpan(plot: UPlot, min: number, max: number): [number, number] {
  const [first = 0, second = first] = plot.data[0];
  return [min, max + second - first];
}

function barsOf(fill: string): Partial<UPlot.Series> {
  const paths = UPlot.paths.bars?.({ size: [0.9, 60], align: 1 });
  return { fill, width: 0, ...(paths === undefined ? {} : { paths }) };
}
