import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freeServerPort } from './free-port.ts';
import { OwnProcess } from './own-process.ts';

/** How a server of a test's own is started. */
export interface OwnRedisOptions {
  /** Lines of its configuration, such as `requirepass secret`. */
  readonly settings?: readonly string[];
  /** What the test itself needs to talk to it. */
  readonly password?: string;
  readonly isSentinel?: boolean;
}

/** A redis-server of a test's own, empty at each start, on a port that stays its own. */
export class OwnRedis {
  readonly port: number;
  readonly #folder: string;
  readonly #process: OwnProcess;
  readonly #password: string | undefined;

  private constructor(port: number, { settings = [], password, isSentinel }: OwnRedisOptions) {
    this.port = port;
    this.#password = password;
    this.#folder = mkdtempSync(join(tmpdir(), 'tandem-redis-'));
    const file = join(this.#folder, 'redis.conf');
    const usual = isSentinel === true ? [] : ['save ""', 'appendonly no', 'repl-diskless-sync-delay 0']; // prettier-ignore
    const lines = ['bind 127.0.0.1', `port ${String(port)}`, `dir ${this.#folder}`];
    writeFileSync(file, [...lines, ...usual, ...settings, ''].join('\n'));
    const mode = isSentinel === true ? ['--sentinel'] : [];
    this.#process = new OwnProcess('redis-server', [file, ...mode]);
  }

  static async start(options: OwnRedisOptions = {}): Promise<OwnRedis> {
    const server = new OwnRedis(await freeServerPort(), options);
    await server.start();
    return server;
  }

  get url(): string {
    const user = this.#password === undefined ? '' : `:${this.#password}@`;
    return `redis://${user}${this.address}`;
  }

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  /** Starts it again after `kill`. */
  async start(): Promise<void> {
    await this.#process.start(() => this.#answers());
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  /** Sends one command over a connection of its own. */
  async command(...words: readonly [string, ...(string | number)[]]): Promise<unknown> {
    const redis = this.#connect();
    try {
      await redis.connect();
      const [name, ...args] = words;
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  }

  async close(): Promise<void> {
    await this.#process.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.command('PING')) === 'PONG';
    } catch {
      return false;
    }
  }

  #connect(): Redis {
    const redis = new Redis(this.url, {
      lazyConnect: true,
      retryStrategy: null,
      maxRetriesPerRequest: 0,
      commandTimeout: 5000,
      enableReadyCheck: false,
    });
    // A failed connection rejects the call; without a listener it would be printed as well.
    redis.on('error', () => undefined);
    return redis;
  }
}

/** A primary, its replica, and sentinels that watch over them. */
export interface OwnSentinels {
  readonly name: string;
  /** As in `TANDEM_REDIS_URL`. */
  readonly url: string;
  /** The primary first. */
  readonly servers: readonly [OwnRedis, OwnRedis];
  readonly sentinels: readonly OwnRedis[];
  /** The port of the server that the sentinels name now. */
  primaryPort(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a primary with a replica and three sentinels that replace it half a second after its death. */
export async function ownSentinels(options: { password?: string } = {}): Promise<OwnSentinels> {
  const { password } = options;
  const name = 'main';
  const secret = password === undefined ? [] : [`requirepass ${password}`, `masterauth ${password}`]; // prettier-ignore
  const server = { settings: secret, ...(password === undefined ? {} : { password }) };
  const primary = await OwnRedis.start(server);
  const replica = await OwnRedis.start({
    ...server,
    settings: [...secret, `replicaof 127.0.0.1 ${String(primary.port)}`],
  });
  const watch = [
    `sentinel monitor ${name} 127.0.0.1 ${String(primary.port)} 2`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${name} ${password}`]),
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 1000`,
  ];
  const started = { isSentinel: true, settings: watch };
  const sentinels = await Promise.all([0, 1, 2].map(() => OwnRedis.start(started)));
  const servers = [primary, replica] as const;
  const [asked] = sentinels;
  await eventually(async () => {
    const seen = await Promise.all(sentinels.map((each) => each.command('SENTINEL', 'MASTER', name))); // prettier-ignore
    return seen.every((reply) => knowsAll(reply));
  });
  // A replica that has never had what its primary has takes nothing over.
  await eventually(async () =>
    String(await replica.command('INFO', 'replication')).includes('master_link_status:up'),
  );
  const user = password === undefined ? '' : `:${password}@`;
  return {
    name,
    servers,
    sentinels,
    url: `redis+sentinel://${user}${sentinels.map(({ address }) => address).join(',')}/${name}`,
    primaryPort: async () => {
      const reply = await asked?.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
      return Number((reply as [string, string])[1]);
    },
    close: async () => {
      await Promise.all([...sentinels, ...servers].map((each) => each.close()));
    },
  };
}

/** Whether a sentinel knows of both others and of the replica. */
function knowsAll(reply: unknown): boolean {
  const fields = (reply as unknown[]).map(String);
  const field = (key: string): number => Number(fields[fields.indexOf(key) + 1]);
  return field('num-other-sentinels') === 2 && field('num-slaves') === 1;
}

/** A Redis Cluster of three primaries, of which the one that has a given key has a replica. */
export interface OwnCluster {
  /** As in `TANDEM_REDIS_URL`: names two of the nodes, neither of which has the key. */
  readonly url: string;
  /** Has the key. */
  readonly owner: OwnRedis;
  readonly replica: OwnRedis;
  readonly others: readonly [OwnRedis, OwnRedis];
  close(): Promise<void>;
}

/** Starts the cluster in which `key` belongs to `owner`. */
export async function ownCluster(key: string): Promise<OwnCluster> {
  const start = async (): Promise<OwnRedis> => {
    const busPort = await freeServerPort();
    const settings = ['cluster-enabled yes', 'cluster-node-timeout 1000', `cluster-port ${String(busPort)}`, 'cluster-replica-validity-factor 0']; // prettier-ignore
    return OwnRedis.start({ settings });
  };
  const [one, two, three, four] = await Promise.all([start(), start(), start(), start()]);
  const slot = Number(await one.command('CLUSTER', 'KEYSLOT', key));
  // The owner of the key's slot has that third of the slots, the others the rest.
  const ranges = [[0, 5460], [5461, 10_922], [10_923, 16_383]] as const; // prettier-ignore
  const primaries = [two, three];
  for (const [from, to] of ranges) {
    const node = slot >= from && slot <= to ? one : (primaries.shift() ?? one);
    await node.command('CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
  const meet = async (node: OwnRedis): Promise<void> => {
    const bus = /@(\d+)/.exec(String(await one.command('CLUSTER', 'NODES')))?.[1] ?? '';
    await node.command('CLUSTER', 'MEET', '127.0.0.1', one.port, bus);
  };
  await Promise.all([two, three, four].map(meet));
  const all = [one, two, three, four];
  const isWhole = async (): Promise<boolean> => {
    const infos = await Promise.all(all.map((node) => node.command('CLUSTER', 'INFO')));
    return infos.every((info) => /cluster_state:ok[^]*cluster_known_nodes:4/.test(String(info)));
  };
  await eventually(isWhole);
  await four.command('CLUSTER', 'REPLICATE', String(await one.command('CLUSTER', 'MYID')));
  await eventually(async () => String(await four.command('INFO', 'replication')).includes('master_link_status:up')); // prettier-ignore
  return {
    url: `redis+cluster://${two.address},${three.address}`,
    owner: one,
    replica: four,
    others: [two, three],
    close: async () => {
      await Promise.all(all.map((node) => node.close()));
    },
  };
}

async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await isTrue().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('redis servers did not find each other within 30 s');
    await sleep(50);
  }
}
