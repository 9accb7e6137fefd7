import { openSecret } from '@tandem/config';
import { createKafkaPublisher, openJournal } from '@tandem/events';
import type { EventPublisher } from '@tandem/events';
import {
  InTurns,
  ServiceShell,
  type Logger,
  type ServiceApp,
  type ServiceResources,
} from '@tandem/service';
import { httpsCertificates } from './adapters/https-certificates.ts';
import { randomNonces } from './adapters/random-nonces.ts';
import { RedisAuthStore } from './adapters/redis-auth-store.ts';
import { StirVerifier } from './adapters/stir-verifier.ts';
import { systemClock } from './adapters/system-clock.ts';
import { authGrpcService, createHandlers, type AuthHandlers } from './api/grpc-handlers.ts';
import { Authenticator } from './authenticator.ts';
import type { AuthConfig } from './config.ts';
import { configurationInSteps, type AuthSettings } from './core/auth-configuration.ts';
import { GatewayNames } from './gateway-names.ts';
import type { AuthStore } from './ports.ts';
import { countBlacklisted } from './telemetry.ts';
import { UnansweredCalls } from './unanswered-calls.ts';
import { UnansweredWatch } from './unanswered-watch.ts';

export { MemoryAuthStore } from './adapters/memory-auth-store.ts';
export { systemClock } from './adapters/system-clock.ts';
export type { AuthHandlers } from './api/grpc-handlers.ts';
export { authDefaults, readAuthConfig, readStirConfig, stirSettings } from './config.ts';
export type { AuthConfig, StirConfig } from './config.ts';
export type { AuthStore } from './ports.ts';

/** What the process around it brings along. */
export interface AuthResources extends ServiceResources {
  /** Left open. @default in Redis */
  readonly store?: AuthStore | undefined;
  /** Of call events; left open. @default into Kafka */
  readonly publisher?: EventPublisher | undefined;
}

export type AuthApp = ServiceApp<AuthHandlers>;

/** @throws SwitchError SWITCH_SECRET_INVALID or SWITCH_CONFIGURATION_INVALID */
export async function createAuthApp(
  config: AuthConfig,
  resources: AuthResources,
): Promise<AuthApp> {
  const shell = new ServiceShell('auth', config, resources);
  const secretKey = await shell.secretKey();
  const settings: AuthSettings = {
    algorithms: config.algorithms,
    nonceLifetimeMs: config.nonceLifetimeMs,
    openPassword: (sealed) => openSecret(secretKey, sealed),
  };
  const store = resources.store ?? new RedisAuthStore(shell.redis(), config.redisPrefix);
  const verifier = new StirVerifier({
    trustFile: config.stirTrust,
    certificatesFolder: config.stirCertificates,
    fetch:
      config.stirFetch === 'none'
        ? undefined
        : httpsCertificates({ allowsPrivate: config.stirFetch === 'any' }),
    clock: systemClock,
    logger: shell.logger,
  });
  const authenticator = new Authenticator({
    store,
    clock: systemClock,
    nonces: randomNonces(),
    verifier,
    onBlacklisted: (entry) => {
      countBlacklisted();
      shell.logger.warn({ ...entry }, 'source black-listed');
    },
  });
  const names = new GatewayNames({
    servers: config.dnsServers,
    logger: shell.logger,
    onLookedUp: () => {
      authenticator.renewNames();
    },
  });
  const turns = new InTurns();
  const journal = shell.journal(openJournal);
  const publisher = resources.publisher ?? openPublisher(config, shell.logger);
  const watch = new UnansweredWatch({
    store,
    authenticator,
    calls: new UnansweredCalls({ publisher, logger: shell.logger, now: Date.now }),
    journal,
    logger: shell.logger,
  });
  const handlers = createHandlers({ authenticator, store, journal, logger: shell.logger });
  return shell.app({
    handlers,
    grpc: authGrpcService(handlers, shell.logger),
    follow: (snapshot) =>
      turns.run(
        names.using((source) => configurationInSteps(snapshot, settings, source)),
        (made) => {
          authenticator.use(made);
          journal.limit?.(made.journalEntries);
        },
      ),
    start: () => {
      watch.start();
    },
    stop: async () => {
      names.close();
      await watch.stop();
      if (publisher !== resources.publisher) await publisher.close();
    },
    isReady: () => authenticator.isConfigured() && store.isReachable(),
  });
}

/** It connects with the first call that it tells of. */
function openPublisher(
  { kafkaBrokers: brokers = [], kafkaSecurity: security, kafkaTopic: topic }: AuthConfig,
  logger: Logger,
): EventPublisher {
  const kafka = { brokers, security, clientId: 'tandem-auth', logger };
  return createKafkaPublisher(topic === undefined ? kafka : { ...kafka, topic });
}
