/** A picture of several quantities over the same time, one panel below the other. */
export interface Plot {
  readonly title: string;
  readonly subtitle: string;
  /** Meaning and unit of the x axis. */
  readonly xLabel: string;
  readonly panels: readonly Panel[];
  /** Moments that are marked through all panels, and what they are. */
  readonly marks: { readonly name: string; readonly at: readonly number[] };
}

/** One quantity or several of the same scale. */
interface Panel {
  /** Meaning of the y axis. */
  readonly label: string;
  readonly series: readonly Series[];
}

/** One line. */
interface Series {
  readonly name: string;
  readonly tone: 'blue' | 'orange' | 'green';
  /** @default false */
  readonly isDashed?: boolean;
  readonly points: readonly Point[];
}

/** x and y. */
export type Point = readonly [number, number];

const WIDTH = 880;
const LEFT = 76;
const RIGHT = 24;
const TOP = 84;
const PANEL_HEIGHT = 104;
const GAP = 30;
const BOTTOM = 48;

// Plain rules, no variables: what draws SVG in documents is often no browser.
const style = `
text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#59636e}
.p{fill:#fff}.t,.l{fill:#1f2328;font-weight:600}.t{font-size:17px}.g{stroke:#d8dee4}
.s{fill:none;stroke-width:1.8;stroke-linejoin:round}
.blue{stroke:#0969da}.orange{stroke:#bc4c00}.green{stroke:#1a7f37}.m{stroke:#cf222e;opacity:.6}.mt{fill:#cf222e}
@media (prefers-color-scheme:dark){text{fill:#9198a1}.p{fill:#0d1117}.t,.l{fill:#f0f6fc}.g{stroke:#30363d}
.blue{stroke:#58a6ff}.orange{stroke:#f0883e}.green{stroke:#3fb950}.m{stroke:#ff7b72}.mt{fill:#ff7b72}}
`.trim();

/** Draws a plot as SVG that can be read on light and on dark backgrounds. */
export function drawPlot(plot: Plot): string {
  const { panels, marks } = plot;
  const longest = Math.max(1, ...panels.flatMap(({ series }) => series.flatMap(xs)), ...marks.at);
  const height = TOP + panels.length * (PANEL_HEIGHT + GAP) - GAP + BOTTOM;
  const x = (value: number): number => LEFT + (value / longest) * (WIDTH - LEFT - RIGHT);
  const foot = height - BOTTOM;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${text(WIDTH)} ${text(height)}" role="img">`,
    `<title>${escaped(plot.title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="p" width="100%" height="100%" rx="6"/>`,
    words(LEFT, 28, plot.title, 'class="t"'),
    words(LEFT, 48, plot.subtitle),
    ...legendOfMarks(plot.marks),
    markPath(marks.at.map(x), foot),
    ...panels.flatMap((panel, index) => drawPanel(panel, TOP + index * (PANEL_HEIGHT + GAP), x)),
    ...ticks(longest, 8).map((value) =>
      words(x(value), foot + 18, text(value), 'text-anchor="middle"'),
    ),
    words((LEFT + WIDTH - RIGHT) / 2, foot + 37, plot.xLabel, 'text-anchor="middle"'),
    '</svg>',
    '',
  ].join('\n');
}

/** Round numbers from 0 to `most`, about so many of them. */
export function ticks(most: number, about: number): readonly number[] {
  const rough = most / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const wholeStep = Math.max(1, step);
  return Array.from({ length: Math.floor(most / wholeStep) + 1 }, (_, index) => index * wholeStep);
}

function drawPanel({ label, series }: Panel, top: number, x: (value: number) => number): string[] {
  const foot = top + PANEL_HEIGHT;
  const most = Math.max(1, ...series.flatMap(({ points }) => points.map(([, value]) => value)));
  const y = (value: number): number => foot - (value / most) * PANEL_HEIGHT;
  const lines = ticks(most, 4).map((value) => {
    const at = y(value);
    const grid = `<path class="g" d="M${text(LEFT)} ${text(at)}H${text(WIDTH - RIGHT)}"/>`;
    return grid + words(LEFT - 8, at + 4, text(value), 'text-anchor="end"');
  });
  const legend = series.map(({ name, tone, isDashed }, index) => {
    const from = WIDTH - RIGHT - (series.length - index) * 150;
    const dash = isDashed === true ? ' stroke-dasharray="5 4"' : '';
    const sample = `<path class="s ${tone}"${dash} d="M${text(from)} ${text(top - 12)}h22"/>`;
    return sample + words(from + 28, top - 8, name);
  });
  const paths = series.map(({ tone, isDashed, points }) => {
    const dash = isDashed === true ? ' stroke-dasharray="5 4"' : '';
    const way = points.map(([at, value]) => `${text(x(at))} ${text(y(value))}`).join('L');
    return `<path class="s ${tone}"${dash} d="M${way}"/>`;
  });
  return [
    words(LEFT, top - 8, label, 'class="l"'),
    ...(series.length > 1 ? legend : []),
    ...lines,
    ...paths,
  ];
}

function legendOfMarks({ name, at }: Plot['marks']): string[] {
  if (at.length === 0) return [];
  const from = WIDTH - RIGHT - 150;
  return [
    `<path class="m" d="M${text(from + 10)} 36v14"/>`,
    words(from + 28, 48, name, 'class="mt"'),
  ];
}

function markPath(at: readonly number[], foot: number): string {
  const way = at.map((place) => `M${text(place)} ${text(TOP)}V${text(foot)}`).join('');
  return `<path class="m" stroke-dasharray="2 3" d="${way === '' ? 'M0 0' : way}"/>`;
}

function xs({ points }: Series): readonly number[] {
  return points.map(([at]) => at);
}

function words(x: number, y: number, what: string, attributes = ''): string {
  const more = attributes === '' ? '' : ` ${attributes}`;
  return `<text x="${text(x)}" y="${text(y)}"${more}>${escaped(what)}</text>`;
}

/** One decimal is a tenth of a pixel; more would only make the file larger. */
function text(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(what: string): string {
  return what.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
