import type { Dashboard, Panel, Unit, Variable } from './description.ts';

/** Grafana's grid has 24 columns: three panels stand beside each other. */
const WIDTH = 8;
const HEIGHT = 8;
const SOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A dashboard as Grafana imports it (schema version 39: Grafana 11 and later), with a line end behind it. */
export function grafanaJson(dashboard: Dashboard): string {
  const { description, name, title, variables = [] } = dashboard;
  const document = {
    uid: `tandem-${name}`,
    title,
    description,
    tags: ['tandem'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    links: [
      {
        type: 'dashboards',
        title: 'Tandem',
        tags: ['tandem'],
        asDropdown: true,
        includeVars: false,
        keepTime: true,
      },
    ],
    templating: { list: [sourceVariable, ...variables.map(labelVariable)] },
    panels: panelsOf(dashboard),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function panelsOf({ rows }: Dashboard): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  for (const { panels: shown, title } of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: 3 * WIDTH, h: 1 },
      panels: [],
    });
    y += 1;
    for (const [index, panel] of shown.entries()) {
      const place = { x: (index % 3) * WIDTH, y: y + Math.floor(index / 3) * HEIGHT };
      panels.push(timeSeries(panel, panels.length + 1, place));
    }
    y += Math.ceil(shown.length / 3) * HEIGHT;
  }
  return panels;
}

function timeSeries(
  { description, queries, title, unit }: Panel,
  id: number,
  place: Place,
): object {
  return {
    id,
    type: 'timeseries',
    title,
    description,
    datasource: SOURCE,
    gridPos: { ...place, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: defaultsOf(unit), overrides: [] },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: `q${String(index + 1)}`,
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}

function defaultsOf(unit: Unit): object {
  const custom = { drawStyle: 'line', fillOpacity: 5, lineWidth: 1, showPoints: 'never' };
  if (unit === 'percentunit') return { unit, max: 1, custom };
  if (unit === 'dateTimeFromNow') return { unit, custom };
  return { unit, min: 0, custom };
}

const sourceVariable = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  hide: 0,
  includeAll: false,
  multi: false,
  refresh: 1,
} as const;

function labelVariable({ label, metric, name }: Variable): object {
  return {
    name,
    label: name,
    type: 'query',
    datasource: SOURCE,
    definition: `label_values(${metric}, ${label})`,
    query: { query: `label_values(${metric}, ${label})`, refId: name },
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { selected: true, text: ['All'], value: ['$__all'] },
    refresh: 2,
    sort: 1,
    hide: 0,
  };
}
