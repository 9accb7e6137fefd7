import { SwitchError } from '@tandem/domain';
import { createKafkaPublisher } from '@tandem/events';
import type { EncodedMessageFrame, EventPublisher } from '@tandem/events';
import type { Logger, Redis, ServiceShell } from '@tandem/service';
import { grpcAuthClient } from './adapters/grpc-auth-client.ts';
import { grpcChecksClient } from './adapters/grpc-checks-client.ts';
import { grpcOutboundClient } from './adapters/grpc-outbound-client.ts';
import { grpcRegistrarClient } from './adapters/grpc-registrar-client.ts';
import { grpcRoutingClient } from './adapters/grpc-routing-client.ts';
import { redisCallStore } from './adapters/redis-call-store.ts';
import { redisPodRegistry } from './adapters/redis-pod-registry.ts';
import type { EdgeConfig } from './config.ts';
import type { ChecksClient } from './gateway-checks/gateway-checks.ts';
import type { OutboundClient, RegistrarClient } from './registration/registration.ts';
import type { AuthClient, EdgeStore, PodRegistry, RoutingClient } from './ports.ts';

/** The stores and services of an edge that the process around it has opened already. */
export interface EdgeStoresGiven {
  readonly logger: Logger;
  readonly auth?: AuthClient | undefined;
  readonly routing?: RoutingClient | undefined;
  readonly registrar?: RegistrarClient | undefined;
  /** What is due at carriers. */
  readonly outbound?: OutboundClient | undefined;
  /** Which gateways are to be checked. */
  readonly checks?: ChecksClient | undefined;
  readonly store?: EdgeStore | undefined;
  readonly pods?: PodRegistry | undefined;
  /** Closed by the edge, whose it is. */
  readonly publisher?: EventPublisher | undefined;
  /** Where SIP messages go. Closed by the edge, whose it is. @default Kafka */
  readonly messagesPublisher?: EventPublisher<EncodedMessageFrame> | undefined;
}

/** The stores and services of an edge: those that are given, else those that the configuration names. */
export class EdgeStores {
  readonly store: EdgeStore;
  readonly pods: PodRegistry;
  readonly publisher: EventPublisher;
  readonly #config: EdgeConfig;
  readonly #given: EdgeStoresGiven;
  readonly #closers: (() => void)[] = [];

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID */
  constructor(config: EdgeConfig, given: EdgeStoresGiven, shell: ServiceShell) {
    this.#config = config;
    this.#given = given;
    this.store = given.store ?? redisCallStore(shell.redis(), config.redisPrefix);
    this.pods = given.pods ?? openRegistry(shell.redis(), config, given.logger);
    this.publisher = given.publisher ?? openPublisher(config, given.logger);
  }

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID */
  auth(): AuthClient {
    if (this.#given.auth !== undefined) return this.#given.auth;
    const address = required(this.#config.authAddress, 'TANDEM_AUTH_ADDRESS');
    const client = grpcAuthClient({ ...this.#clientSettings(), address });
    this.#closers.push(() => {
      client.close();
    });
    return client;
  }

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID */
  routing(): RoutingClient {
    if (this.#given.routing !== undefined) return this.#given.routing;
    const address = required(this.#config.routingAddress, 'TANDEM_ROUTING_ADDRESS');
    const client = grpcRoutingClient({ ...this.#clientSettings(), address });
    this.#closers.push(() => {
      client.close();
    });
    return client;
  }

  /** Undefined where there is none. */
  registrar(): RegistrarClient | undefined {
    const { registrarAddress: address } = this.#config;
    if (this.#given.registrar !== undefined || address === undefined) return this.#given.registrar;
    const client = grpcRegistrarClient({ ...this.#clientSettings(), address });
    this.#closers.push(() => {
      client.close();
    });
    return client;
  }

  /** Undefined where there is no registrar. */
  outbound(): OutboundClient | undefined {
    const { registrarAddress: address, tls } = this.#config;
    if (this.#given.outbound !== undefined || address === undefined) return this.#given.outbound;
    const client = grpcOutboundClient(address, tls);
    this.#closers.push(() => {
      client.close();
    });
    return client;
  }

  /** Which gateways are to be checked; undefined where routing is given without it. */
  checks(): ChecksClient | undefined {
    const { routingAddress: address, tls } = this.#config;
    const { checks, routing } = this.#given;
    if (checks !== undefined || routing !== undefined || address === undefined) return checks;
    const client = grpcChecksClient(address, tls);
    this.#closers.push(() => {
      client.close();
    });
    return client;
  }

  /** Closes what was opened here, and the publisher. */
  async close(): Promise<void> {
    await this.publisher.close();
    for (const close of this.#closers) close();
  }

  #clientSettings(): { deadlineMs: number; logger: Logger; tls: EdgeConfig['tls'] } {
    const { deadlineMs, tls } = this.#config;
    return { deadlineMs, logger: this.#given.logger, tls };
  }
}

/** The pod's place among the pods, in Redis. */
export function openRegistry(redis: Redis, config: EdgeConfig, logger: Logger): PodRegistry {
  return redisPodRegistry(redis, config.redisPrefix, logger);
}

/** @throws SwitchError SWITCH_CONFIGURATION_INVALID where it is not set */
function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new SwitchError('SWITCH_CONFIGURATION_INVALID', `${name} is not set`);
  }
  return value;
}

function openPublisher(config: EdgeConfig, logger: Logger): EventPublisher {
  return createKafkaPublisher({
    brokers: required(config.kafkaBrokers, 'TANDEM_KAFKA_BROKERS'),
    security: config.kafkaSecurity,
    clientId: `tandem-edge-${config.name}`,
    // The outbox holds the event meanwhile; fewer, larger requests are what costs least at both ends.
    lingerMs: 200,
    logger,
    ...(config.kafkaTopic === undefined ? {} : { topic: config.kafkaTopic }),
  });
}
