import {
  configuration,
  startTestCluster,
  type ClusterLayout,
  type ConfigurationDocument,
  type TestCluster,
  type TestClusterOptions,
} from '@tandem/e2e';
import { createPool } from '@tandem/service';
import { silentLogger } from '@tandem/service';
import { testKafkaBrokers, testPostgresUrl, testRedisUrl } from '@tandem/testing';
import { listenerOf } from './cpu-time.ts';
import { startKamailioPeer } from './kamailio-peer.ts';

/** A switch as a measurement sees it. */
export interface Subject {
  readonly title: string;
  readonly sip: { readonly address: string; readonly port: number };
  /** The switch's own processes by name. */
  readonly own: ReadonlyMap<string, number>;
  /** What it needs beside itself. */
  readonly stores: ReadonlyMap<string, number>;
  countCdrs(): Promise<number>;
  stop(): Promise<void>;
}

/** How the services of Tandem are spread over processes. */
export type Layout = ClusterLayout;

const LINES = 100_000;

/** Tandem in one of its shapes, its carriers on these ports of 127.0.0.1. */
export async function startTandem(
  layout: Layout,
  ports: { readonly carrier: number; readonly other: number },
  options: TestClusterOptions = {},
  document: object = endlessConfiguration(ports),
): Promise<Subject> {
  const cluster = await startTestCluster({
    layout,
    pods: 1,
    mode: 'direct',
    isRespawning: false,
    ...options,
  });
  await cluster.configure(document);
  return subjectOf(titles[layout], cluster);
}

const titles: Readonly<Record<Layout, string>> = {
  split: 'Tandem, split',
  pod: 'Tandem, call pod',
};

/** Kamailio with PostgreSQL doing the same job. */
export async function startKamailio(carrierPort: number): Promise<Subject> {
  const peer = await startKamailioPeer(carrierPort);
  return {
    title: 'Kamailio',
    sip: { address: '127.0.0.1', port: peer.sipPort },
    own: new Map([['Kamailio', peer.kamailioPid]]),
    stores: new Map([['PostgreSQL', peer.postgresPid]]),
    countCdrs: () => peer.countCdrs(),
    stop: () => peer.stop(),
  };
}

/** Limits that never bite: the account's and the gateway's lines are counted, as by the peer. */
export function endlessConfiguration({
  carrier,
  other,
}: {
  readonly carrier: number;
  readonly other: number;
}): ConfigurationDocument {
  const document = configuration(carrier, other);
  for (const account of document.accounts) {
    Object.assign(account, { lineLimit: LINES, openingBalance: '1000000' });
  }
  for (const gateway of document.routingGateways) Object.assign(gateway, { lineLimit: LINES });
  return document;
}

function subjectOf(title: string, cluster: TestCluster): Subject {
  const stores = {
    Redis: testRedisUrl(),
    Kafka: `tcp://${testKafkaBrokers()[0] ?? ''}`,
    PostgreSQL: testPostgresUrl(),
  };
  const pool = createPool({
    url: cluster.stores.postgresUrl,
    logger: silentLogger(),
    size: 1,
    applicationName: 'tandem-benchmark',
  });
  return {
    title,
    sip: cluster.sip,
    own: new Map([...cluster.processes].map(([name, { pid }]) => [name, pid])),
    stores: new Map(
      Object.entries(stores).map(([name, url]) => [name, listenerOf(Number(new URL(url).port))]),
    ),
    countCdrs: async () => {
      const { rows } = await pool.query<{ readonly count: string }>(
        'SELECT count(*) FROM tandem_billing.cdr',
      );
      return Number(rows[0]?.count);
    },
    stop: async () => {
      await pool.end();
      await cluster.stop();
    },
  };
}
