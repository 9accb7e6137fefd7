import type { KeyObject } from 'node:crypto';
import type { Snapshot, SnapshotSource } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import type { Journal, JournalSettings, JournalWriter, KafkaSecurity } from '@tandem/events';
import type { App } from './app.ts';
import type { GrpcService } from './grpc-server.ts';
import type { GrpcTls } from './grpc-tls.ts';
import type { Logger } from './logger.ts';
import type { Pool } from './postgres.ts';
import { ProcessResources } from './process-resources.ts';
import type { Redis } from './redis.ts';

/** Where a service finds what it is not given. */
export interface ServiceConfig {
  /** `host:port` of the gRPC server; undefined: none. */
  readonly grpcListen?: string | undefined;
  /** TLS between services. */
  readonly tls?: GrpcTls | undefined;
  readonly redisUrl?: string | undefined;
  readonly postgresUrl?: string | undefined;
  /** File of the key that opens sealed passwords and tokens. */
  readonly secretKeyFile?: string | undefined;
  /** `host:port` of some brokers of Kafka. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  /** How Kafka is spoken to. @default plain text, without a name */
  readonly kafkaSecurity?: KafkaSecurity | undefined;
  /** Topic of the journal. @default 'tandem.journal.v1' */
  readonly journalTopic?: string | undefined;
}

/** What the process around a service brings along. What it brings stays its own to close. */
export interface ServiceResources {
  readonly logger: Logger;
  /** What is opened once for all services of the process. @default the service's own, closed with it */
  readonly shared?: ProcessResources | undefined;
  /** @default of `config.postgresUrl` */
  readonly snapshots?: SnapshotSource | undefined;
  /** @default read from `config.secretKeyFile` */
  readonly secretKey?: KeyObject | undefined;
  /** @default in Kafka */
  readonly journal?: Journal | undefined;
}

/** What a service adds to its shell. */
export interface ServiceParts<Handlers> {
  readonly handlers: Handlers;
  readonly grpc: GrpcService;
  /**
   * Takes a version of the configuration, at once or, where it is large, in steps that let others in; where it throws or
   * rejects, the one before stays in effect.
   */
  readonly follow: (snapshot: Snapshot) => Promise<void> | void;
  /** Before it is asked anything. */
  readonly start?: () => Promise<void> | void;
  readonly drain?: () => Promise<void>;
  /** After the last answer. Safe after a `start` that failed half way. */
  readonly stop?: () => Promise<void> | void;
  /** Whether its stores are there and it has a configuration. */
  readonly isReady: () => boolean;
}

/** A service that runs: in its own process, or beside others. */
export interface ServiceApp<Handlers> extends App {
  /** The service's operations, for callers in the same process. */
  readonly handlers: Handlers;
  /** Where its gRPC server listens; undefined before `start` and where there is none. */
  readonly grpcPort: number | undefined;
}

/**
 * What every service does around its core: it finds what it is given or opens it, follows the configuration, is asked over
 * gRPC, drains and stops. It does not know whether it has the process for itself.
 */
export class ServiceShell {
  readonly logger: Logger;
  readonly #config: ServiceConfig;
  readonly #given: ServiceResources;
  readonly #shared: ProcessResources;
  readonly #isAlone: boolean;

  /** @param name as PostgreSQL shows it, where the process shares nothing */
  constructor(name: string, config: ServiceConfig, given: ServiceResources) {
    this.logger = given.logger;
    this.#config = config;
    this.#given = given;
    this.#isAlone = given.shared === undefined;
    this.#shared = given.shared ?? new ProcessResources(name, given.logger);
  }

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID where it is not configured */
  redis(): Redis {
    return this.#shared.redis(required(this.#config.redisUrl, 'TANDEM_REDIS_URL'));
  }

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID where it is not configured */
  pool(): Pool {
    return this.#shared.pool(this.postgresUrl);
  }

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID where it is not configured */
  get postgresUrl(): string {
    return required(this.#config.postgresUrl, 'TANDEM_POSTGRES_URL');
  }

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID or SWITCH_SECRET_INVALID */
  async secretKey(): Promise<KeyObject> {
    if (this.#given.secretKey !== undefined) return this.#given.secretKey;
    const file = required(this.#config.secretKeyFile, 'TANDEM_SECRET_KEY_FILE');
    return this.#shared.secretKey(file);
  }

  /**
   * Where the service writes what operators ask after (OPS-10).
   * @param open `openJournal` of libs/events
   * @throws SwitchError SWITCH_CONFIGURATION_INVALID where Kafka is not configured
   */
  journal(open: (settings: JournalSettings) => JournalWriter): Journal {
    const { kafkaBrokers, kafkaSecurity: security, journalTopic: topic } = this.#config;
    if (this.#given.journal !== undefined) return this.#given.journal;
    const brokers = required(kafkaBrokers, 'TANDEM_KAFKA_BROKERS');
    return this.#shared.journal({ brokers, security, topic }, open);
  }

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID where it is not configured */
  snapshots(): SnapshotSource {
    return this.#given.snapshots ?? this.#shared.snapshots(this.postgresUrl);
  }

  /** Has a service asked over gRPC, where that is configured. Call it at the end of `start`. */
  async serve(service: GrpcService): Promise<void> {
    const { grpcListen: listen, tls } = this.#config;
    if (listen === undefined) return;
    this.#shared.serve({ listen, tls, services: [service] });
    if (this.#isAlone) await this.#shared.listen();
  }

  get grpcPort(): number | undefined {
    return this.#config.grpcListen === undefined ? undefined : this.#shared.grpcPort;
  }

  /** Takes no more questions over gRPC; call it first of all in `stop`. */
  stopServing(): Promise<void> {
    return this.#shared.stopListening();
  }

  /** Closes what is shared with nobody; call it last of all in `stop`. */
  async close(): Promise<void> {
    if (this.#isAlone) await this.#shared.close();
  }

  /** A service around these parts. */
  app<Handlers>(parts: ServiceParts<Handlers>): ServiceApp<Handlers> {
    return new ShelledService(this, parts);
  }
}

class ShelledService<Handlers> implements ServiceApp<Handlers> {
  readonly handlers: Handlers;
  readonly #shell: ServiceShell;
  readonly #parts: ServiceParts<Handlers>;
  #stopFollowing: (() => void) | undefined;
  #isServing = false;
  /** Of the version that was told last. */
  #following: Promise<void> | undefined;

  constructor(shell: ServiceShell, parts: ServiceParts<Handlers>) {
    this.#shell = shell;
    this.#parts = parts;
    this.handlers = parts.handlers;
  }

  get grpcPort(): number | undefined {
    return this.#shell.grpcPort;
  }

  async start(): Promise<void> {
    const snapshots = this.#shell.snapshots();
    await this.#parts.start?.();
    this.#stopFollowing = snapshots.onChange((snapshot) => {
      this.#following = this.#follow(snapshot);
    });
    // Who is asked before has no answer; without PostgreSQL it waits no longer than for one attempt.
    await snapshots.looked();
    await this.#following;
    await this.#shell.serve(this.#parts.grpc);
    this.#isServing = true;
  }

  async drain(): Promise<void> {
    this.#isServing = false;
    await this.#parts.drain?.();
  }

  async stop(): Promise<void> {
    this.#isServing = false;
    await this.#shell.stopServing();
    this.#stopFollowing?.();
    await this.#parts.stop?.();
    await this.#shell.close();
  }

  isReady(): boolean {
    return this.#isServing && this.#parts.isReady();
  }

  /** It never rejects. */
  async #follow(snapshot: Snapshot): Promise<void> {
    const { logger } = this.#shell;
    const { version } = snapshot;
    try {
      await this.#parts.follow(snapshot);
      logger.debug({ version }, 'configuration in use');
    } catch (error) {
      // What was applied has been checked before; if it is wrong all the same, the old one is better.
      logger.error({ version, err: error }, 'configuration refused, the previous stays');
    }
  }
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new SwitchError('SWITCH_CONFIGURATION_INVALID', `${name} is not set`);
  }
  return value;
}
