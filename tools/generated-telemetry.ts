import { dashboards } from './telemetry/dashboards.ts';
import { grafanaJson } from './telemetry/grafana.ts';
import { ruleGroups } from './telemetry/alerts.ts';
import { rulesYaml } from './telemetry/prometheus-rules.ts';

/** Dashboards and rules of the chart, each with what makes it. */
export const telemetryFiles: readonly { readonly file: string; readonly make: () => string }[] = [
  ...dashboards.map((dashboard) => ({
    file: `charts/tandem/dashboards/${dashboard.name}.json`,
    make: () => grafanaJson(dashboard),
  })),
  ...ruleGroups.map((group) => ({
    file: `charts/tandem/rules/${group.name}.yaml`,
    make: () => rulesYaml(group),
  })),
];
