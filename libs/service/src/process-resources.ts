import type { KeyObject } from 'node:crypto';
import { openSnapshots, readSecretKey } from '@tandem/config';
import type { SnapshotSource } from '@tandem/config';
import type { JournalSettings, JournalWriter } from '@tandem/events';
import { serveGrpc } from './grpc-server.ts';
import type { GrpcServer, GrpcService } from './grpc-server.ts';
import type { GrpcTls } from './grpc-tls.ts';
import type { Logger } from './logger.ts';
import { createPool } from './postgres.ts';
import type { Pool } from './postgres.ts';
import { connectRedis } from './redis.ts';
import type { Redis } from './redis.ts';

/** What a service has others ask it, and where. */
export interface ServedServices {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly tls?: GrpcTls | undefined;
  readonly services: readonly GrpcService[];
}

/**
 * The outside things of a process. Each is opened when a service of the process first asks for it, and once: all services
 * have one connection to Redis and one for its scripts, one pool, one source of the configuration, one gRPC port. So what all
 * of them say to Redis in one turn of the event loop leaves in one write.
 */
export class ProcessResources {
  readonly #name: string;
  readonly #logger: Logger;
  readonly #redis = new Map<string, Redis>();
  readonly #pools = new Map<string, Pool>();
  readonly #snapshots = new Map<string, SnapshotSource>();
  readonly #secretKeys = new Map<string, Promise<KeyObject>>();
  readonly #journals = new Map<string, JournalWriter>();
  #served: ServedServices | undefined;
  #server: Promise<GrpcServer> | undefined;
  #grpcPort: number | undefined;

  /** @param name of the process, as PostgreSQL shows it */
  constructor(name: string, logger: Logger) {
    this.#name = name;
    this.#logger = logger;
  }

  /** @param url see `connectRedis` */
  redis(url: string): Redis {
    return once(this.#redis, url, () => connectRedis({ url, logger: this.#logger }));
  }

  /** @param url see `createPool` */
  pool(url: string): Pool {
    const open = (): Pool =>
      createPool({ url, logger: this.#logger, applicationName: `tandem-${this.#name}` });
    return once(this.#pools, url, open);
  }

  /** The configuration in effect, read over the pool of the same URL. */
  snapshots(url: string): SnapshotSource {
    const open = (): SnapshotSource =>
      openSnapshots({ url, pool: this.pool(url), logger: this.#logger });
    return once(this.#snapshots, url, open);
  }

  /** @throws SwitchError SWITCH_SECRET_INVALID */
  secretKey(file: string): Promise<KeyObject> {
    return once(this.#secretKeys, file, () => readSecretKey(file));
  }

  /**
   * Where all services of the process write the journal (OPS-10).
   * @param open `openJournal` of libs/events, which those alone load who write
   */
  journal(
    settings: Omit<JournalSettings, 'logger'>,
    open: (settings: JournalSettings) => JournalWriter,
  ): JournalWriter {
    const place = `${settings.brokers.join(',')} ${settings.topic ?? ''}`;
    return once(this.#journals, place, () => open({ ...settings, logger: this.#logger }));
  }

  /** Adds services to the gRPC server, which all services of a process have together; it listens after `listen`. */
  serve(served: ServedServices): void {
    const services = [...(this.#served?.services ?? []), ...served.services];
    this.#served = { ...served, services };
  }

  /**
   * Listens for gRPC where any service wants that: after all have started, so that no caller finds half of them.
   * @throws SwitchError SWITCH_CONFIGURATION_INVALID where the address cannot be listened on
   */
  async listen(): Promise<void> {
    if (this.#served === undefined) return;
    this.#server = serveGrpc({ ...this.#served, logger: this.#logger });
    this.#grpcPort = (await this.#server).port;
    this.#logger.info({ port: this.#grpcPort }, 'listening for gRPC');
  }

  /** Undefined where nothing is listened on. */
  get grpcPort(): number | undefined {
    return this.#grpcPort;
  }

  /** Answers what was asked, and takes no more. */
  async stopListening(): Promise<void> {
    this.#grpcPort = undefined;
    const server = await this.#server?.catch(() => undefined);
    this.#server = undefined;
    await server?.close();
  }

  /** Closes all that was opened, after the services that used it. */
  async close(): Promise<void> {
    await this.stopListening();
    for (const journal of this.#journals.values()) await journal.close();
    for (const source of this.#snapshots.values()) await source.close();
    for (const redis of this.#redis.values()) redis.disconnect();
    for (const pool of this.#pools.values()) await pool.end();
    // A second close has nothing left to do.
    const opened = [this.#journals, this.#snapshots, this.#redis, this.#pools];
    for (const each of opened) each.clear();
  }
}

function once<Thing>(opened: Map<string, Thing>, place: string, open: () => Thing): Thing {
  const known = opened.get(place);
  if (known !== undefined) return known;
  const thing = open();
  opened.set(place, thing);
  return thing;
}
