import { stringify } from 'yaml';
import { expressionOf } from './description.ts';
import type { Alert, RuleGroup } from './description.ts';

/** Where run-books are; the chart puts its value `telemetry.runbooks` in its place. */
const RUNBOOKS = 'docs/runbooks/';

/** A file of rules as Prometheus reads it. */
export function rulesYaml({ alerts, name, records = [] }: RuleGroup): string {
  const document = {
    groups: [
      {
        name: `tandem-${name}`,
        rules: [...records, ...alerts.map(alertRule)],
      },
    ],
  };
  const note = `# Made of tools/telemetry/alerts.ts by \`make docs\`. A page for each alert: docs/runbooks.\n`;
  return `${note}${stringify(document, { lineWidth: 0 })}`;
}

function alertRule(alert: Alert): object {
  const { lasting, name, severity, summary } = alert;
  return {
    alert: name,
    expr: expressionOf(alert),
    ...(lasting === undefined ? {} : { for: lasting }),
    labels: { severity, product: 'tandem' },
    annotations: { summary, runbook_url: `${RUNBOOKS}${name}.md` },
  };
}
