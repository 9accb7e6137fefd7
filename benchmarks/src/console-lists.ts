/**
 * How long the lists of the console take to answer where there is much: the first time that each is asked, and the best of three (OPS-01).
 * `node src/console-lists.ts [CDRS] [GATEWAYS] [PHONES]`, by default 1,000,000, 10,000 and 100,000, which takes some minutes and 2 GB for as
 * long as it runs. The switch is a call pod with its services on the real stores; the CDRs are put into its database by SQL.
 */
import { configuration, freePorts, startTestCluster } from '@tandem/e2e';
import { createPool, silentLogger } from '@tandem/service';
import { fillMonth } from './month-of-cdrs.ts';

const PAGE_MS = 300;
const PAGE = 100;

/** What each page asks for first. */
const lists: readonly (readonly [page: string, path: string])[] = [
  ['Now: status', '/status'],
  ['Now: gateways', '/gateways?limit=1000'],
  ['Now: failures of 15 minutes', '/cdrs?failed=true&from=15m&limit=200'],
  ['Now: the last calls', '/cdrs?limit=8'],
  ['Current calls', '/calls?limit=200'],
  ['CDRs', '/cdrs'],
  ['CDRs of a day', '/cdrs?from=24h'],
  ['CDRs by account', '/cdrs?account=account-15'],
  ['CDRs by callee', '/cdrs?callee=202000000'],
  ['CDRs by gateway', '/cdrs?from=24h&gateway=carrier-15'],
  ['CDRs by reason', '/cdrs?from=24h&reason=NoRoute'],
  ['Call analysis: hours of 7 days', '/call-analysis?from=168h&by=hour&limit=10000'],
  ['Call analysis: reasons', '/call-analysis?from=168h&by=hour,reason,code&limit=10000'],
  ['Call analysis: gateways', '/call-analysis?from=168h&by=gateway&limit=10000'],
  ['Call analysis: destinations', '/call-analysis?from=168h&by=destination&limit=10000'],
  ['Call analysis: days of a month', '/call-analysis?from=720h&by=day&limit=10000'],
  ['Call analysis: reasons of a month', '/call-analysis?from=720h&by=day,reason,code&limit=10000'],
  ['Balances', '/accounts'],
  ['Payments', '/payments'],
  ['Registrations', '/registrations'],
  ['Journal', '/journal'],
  ['Audit log', '/audit'],
  ['Gateways', '/gateways?limit=100'],
  ['Gateways that are off line', '/gateways?limit=100&state=offline'],
  ['Routing gateways', '/configuration/routing-gateways'],
  ['Routing gateways, searched', '/configuration/routing-gateways?search=gateway-9876'],
  ['Phones', '/configuration/phones'],
  ['Phones, searched', '/configuration/phones?search=198765'],
  ['Phones, the last page', '/configuration/phones?cursor=199000'],
  ['One phone', '/configuration/phones/150000'],
  ['Versions', '/configuration/versions'],
  ['Parameters', '/parameters'],
  ['Numbers in lists', '/number-lists'],
];

async function main(cdrs: number, gateways: number, phones: number): Promise<void> {
  const shape = { layout: 'pod', pods: 1, mode: 'direct', isRespawning: false } as const;
  const running = await startTestCluster(shape);
  try {
    const began = performance.now();
    await running.configure(await documentOf(gateways, phones));
    say(`document of ${String(gateways)} gateways and ${String(phones)} phones`, began);
    const pool = createPool({
      url: running.stores.postgresUrl,
      logger: silentLogger(),
      statementTimeoutMs: 0,
    });
    const filling = performance.now();
    await fillMonth({ pool, cdrs });
    await pool.query('ANALYZE');
    await pool.end();
    say(`${String(cdrs)} CDRs`, filling);
    for (const [page, path] of [...lists, ...linesOf()]) await timed(page, path);
  } finally {
    await running.stop();
  }

  async function timed(page: string, path: string): Promise<void> {
    const times: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const start = performance.now();
      await running.api.get(`/api/v1${path}`);
      times.push(performance.now() - start);
    }
    const [first = 0, ...others] = times;
    const best = Math.min(...others);
    const mark = first > PAGE_MS ? ` – over ${String(PAGE_MS)} ms` : '';
    process.stdout.write(`${page}: ${String(Math.round(first))} ms, then ${String(Math.round(best))} ms${mark}\n`); // prettier-ignore
  }
}

async function documentOf(gateways: number, phones: number): Promise<object> {
  const [port = 0] = await freePorts(1);
  const document = configuration(port, port);
  const addresses = [`127.0.0.1:${String(port)}`];
  return {
    ...document,
    routingGateways: [
      ...document.routingGateways,
      ...Array.from({ length: gateways }, (_, at) => ({
        name: `gateway-${String(at)}`,
        addresses,
        prefixes: [String(2000 + (at % 5000))],
        lineLimit: 30,
      })),
    ],
    phones: [
      ...document.phones,
      ...Array.from({ length: phones }, (_, at) => ({
        username: String(100_000 + at),
        password: `secret-of-${String(at)}`,
        account: 'demo',
      })),
    ],
  };
}

/** What Gateways asks of the gateways that it shows. */
function linesOf(): readonly (readonly [string, string])[] {
  const names = Array.from({ length: PAGE }, (_, at) => `gateway-${String(at)}`);
  const subjects = names.map((name) => `routing-gateway ${name}`).join(',');
  return [
    ['Gateways: their lines', `/lines?holders=false&subject=${encodeURIComponent(subjects)}`],
    ['Gateways: their terms', `/configuration/routing-gateways?limit=100&names=${names.join(',')}`],
  ];
}

function say(what: string, began: number): void {
  process.stdout.write(`${what}, after ${String(Math.round((performance.now() - began) / 1000))} s\n`); // prettier-ignore
}

if (import.meta.main) {
  const [cdrs = 1_000_000, gateways = 10_000, phones = 100_000] = process.argv.slice(2).map(Number);
  await main(cdrs, gateways, phones);
}
