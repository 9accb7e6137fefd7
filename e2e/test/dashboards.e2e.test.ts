import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { prometheusSeries } from '@tandem/telemetry';
import { alerts, ruleGroups } from '../../tools/telemetry/alerts.ts';
import { metricCatalogue } from '../../tools/telemetry/catalogue.ts';
import { dashboards } from '../../tools/telemetry/dashboards.ts';
import { freePort } from '../src/free-ports.ts';
import { startReal } from '../src/real-switch.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { type Collector, startCollector } from '../src/telemetry/collector.ts';
import { Prometheus } from '../src/telemetry/prometheus.ts';
import { Traffic } from '../src/telemetry/traffic.ts';
import { until } from '../src/until.ts';

/** What is asked, and where it stands. */
interface Asked {
  readonly where: string;
  readonly expr: string;
  /** Labels that a legend shows. */
  readonly labels: readonly string[];
}

/** Queries that have no series here, each with what gives it some. */
const elsewhere: Readonly<Record<string, string>> = {
  'min(tandem_edge_certificate_expiry_seconds) * 1000': 'an edge with SIP over TLS',
  '(min(tandem_edge_certificate_expiry_seconds) - time()) / 86400': 'an edge with SIP over TLS',
  'min(tandem_rpc_certificate_expiry_seconds) * 1000': 'TLS between services',
  '(min(tandem_rpc_certificate_expiry_seconds) - time()) / 86400': 'TLS between services',
  'count by (transport, target) (tandem_edge_network{source="hidden"})':
    'a network that hides sources',
  'count by (transport, target) (tandem_edge_network{leads_here="no"})':
    'an address of another host',
  'max by (feed) (tandem_billing_feed_behind)': 'a feed of CDRs',
  'absent(tandem_edge_calls_total)': 'no edge that reports',
};

function allAsked(): readonly Asked[] {
  const ofPanels = dashboards.flatMap(({ name, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ queries, title }) =>
        queries.map(({ expr, legend }) => ({
          where: `panel "${title}" of ${name}`,
          expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$[a-z]+/g, '.*'),
          labels: [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
        })),
      ),
    ),
  );
  const ofRules = ruleGroups.flatMap(({ name, records = [] }) =>
    records.flatMap(({ expr, record }) =>
      [expr, record].map((each) => ({
        where: `rule ${record} of ${name}`,
        expr: each,
        labels: [],
      })),
    ),
  );
  const ofAlerts = alerts.flatMap(({ name, summary, when }) =>
    when.flat().map(({ value }) => ({
      where: `alert ${name}`,
      expr: value,
      labels: [...summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
    })),
  );
  return [...ofPanels, ...ofRules, ...ofAlerts];
}

suite('dashboards and alerts', { concurrency: false, timeout: 240_000 }, () => {
  let collector: Collector | undefined;
  let prometheus: Prometheus | undefined;
  let traffic: Traffic | undefined;
  let running: RunningSwitch | undefined;

  before(async () => {
    collector = await startCollector();
    traffic = await Traffic.start();
    // A relay that nobody runs is reported, too.
    const rtpengines = `udp:127.0.0.1:${String(await freePort())}`;
    [prometheus, running] = await Promise.all([
      Prometheus.start(collector.page),
      startReal({ otlpEndpoint: collector.endpoint, rtpengines }),
    ]);
    await running.configure(traffic.document);
    // Its first look at a target is seconds after its start; a counter that it has not seen before cannot be seen to grow.
    await until(
      'Prometheus has seen the switch before any call',
      async () => {
        const seen = await prometheus?.query('tandem_edge_calls_total');
        return (seen?.length ?? 0) > 0;
      },
      { timeoutMs: 60_000 },
    );
    await traffic.send(running);
  });
  after(async () => {
    await running?.stop();
    await traffic?.stop();
    await prometheus?.stop();
    await collector?.stop();
  });

  test('OPS-06 REG-06 REG-09 every query of panels, rules and alerts gives series of the running switch', async () => {
    assert.ok(prometheus !== undefined);
    const asked = allAsked();
    const server = prometheus;
    const missing = async (): Promise<readonly string[]> => {
      const answers = await Promise.all(
        asked.map(async ({ expr, labels, where }) => {
          const series = await server.query(expr);
          const isDue = elsewhere[expr] === undefined;
          if (series.length === 0) return isDue ? `${where}: no series of ${expr}` : '';
          if (!isDue) return `${where}: has series after all: ${expr}`;
          const unknown = labels.filter((label) => series.every((each) => !(label in each.labels)));
          return unknown.length === 0 ? '' : `${where}: no label ${unknown.join(', ')} in ${expr}`;
        }),
      );
      return answers.filter((answer) => answer !== '');
    };
    await until('every query has series', async () => (await missing()).length === 0, {
      timeoutMs: 30_000,
      everyMs: 1000,
    }).catch(async () => {
      assert.deepEqual(await missing(), []);
    });
    for (const expr of Object.keys(elsewhere)) {
      assert.ok(
        asked.some((each) => each.expr === expr),
        `nobody asks ${expr}`,
      );
    }
  });

  test('OPS-06 no two metrics, series or attributes are one in Prometheus, and each has the name that the rules give it', async () => {
    assert.deepEqual(collector?.faults(), []);
    const known = new Set([
      ...metricCatalogue().flatMap((metric) => prometheusSeries(metric)),
      ...ruleGroups.flatMap(({ records = [] }) => records.map(({ record }) => record)),
    ]);
    const names = (await prometheus?.names()) ?? [];
    const ours = names.filter((name) => name.startsWith('tandem'));
    assert.ok(ours.length > 80);
    assert.deepEqual(
      ours.filter((name) => !known.has(name)),
      [],
    );
  });
});
