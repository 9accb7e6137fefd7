import { fileURLToPath } from 'node:url';
import { SwitchError } from '@tandem/domain';
import { createKafkaJournalConsumer, createKafkaMessagesConsumer } from '@tandem/events';
import type { EventConsumer, JournalMessage, MessageFrame } from '@tandem/events';
import { JournalServiceService } from '@tandem/proto/journal';
import { ServiceShell, grpcService, migrate } from '@tandem/service';
import type { Logger, ServiceApp, ServiceResources } from '@tandem/service';
import { openCountries } from './adapters/mmdb-countries.ts';
import { createPgJournalStore } from './adapters/pg-journal-store.ts';
import { createHandlers } from './api/grpc-handlers.ts';
import type { JournalHandlers } from './api/grpc-handlers.ts';
import { createMessageHandler } from './api/message-handler.ts';
import type { JournalConfig } from './config.ts';
import { Housekeeping } from './housekeeping.ts';
import { KeptMessages } from './messages/messages.ts';
import type { MessageHandlers } from './messages/messages.ts';
import { reportLag } from './telemetry.ts';

export { journalDefaults, readJournalConfig } from './config.ts';
export type { JournalConfig } from './config.ts';
export type { JournalHandlers } from './api/grpc-handlers.ts';
export type { MessageHandlers } from './messages/messages.ts';

/** The group in which the journal is read. */
export const journalGroup = 'tandem-journal';
/** The group in which SIP messages are read. */
export const messagesGroup = 'tandem-messages';

/** What the process around it brings along. */
export interface JournalResources extends ServiceResources {
  /** Closed by the journal, whose it is. @default from Kafka */
  readonly messages?: EventConsumer<JournalMessage> | undefined;
  /** SIP messages. Closed by the journal, whose they are. @default from Kafka */
  readonly frames?: EventConsumer<MessageFrame> | undefined;
}

export type JournalApp = ServiceApp<JournalHandlers & MessageHandlers>;

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Puts the journal together.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where a store is neither configured nor given, or the file of countries is none
 */
export async function createJournalApp(
  config: JournalConfig,
  resources: JournalResources,
): Promise<JournalApp> {
  const shell = new ServiceShell('journal', config, resources);
  const { logger } = shell;
  const pool = shell.pool();
  const messages = resources.messages ?? openMessages(config, logger);
  const countries = await openCountries(config.countriesFile);
  logger.info({ builtAt: countries.builtAt }, 'countries of addresses are known');
  const store = createPgJournalStore({ pool, countries, logger });
  const parts = { store, retention: config, now: Date.now, logger };
  const housekeeping = new Housekeeping(parts);
  const frames = resources.frames ?? openFrames(config, logger);
  const sip = new KeptMessages({ pool, frames, retention: config, now: Date.now, logger });
  const handlers = { ...createHandlers(store), ...sip.handlers };
  let endReport: (() => void) | undefined;
  let consuming: Promise<void> | undefined;
  const endConsuming = async (): Promise<void> => {
    await messages.close();
    await consuming;
  };
  return shell.app({
    handlers,
    grpc: grpcService(JournalServiceService, { ...handlers }),
    follow: () => {
      // Nothing of the configuration concerns it.
    },
    start: async () => {
      await migrate({ pool, folder: migrations, schema: 'tandem_journal', logger });
      housekeeping.start();
      endReport = reportLag(() => messages.lag());
      consuming = messages.run(createMessageHandler(parts));
      sip.start();
    },
    drain: async () => {
      await endConsuming();
      await sip.drain();
    },
    stop: async () => {
      endReport?.();
      await endConsuming();
      await sip.stop();
      await housekeeping.stop();
    },
    isReady: () => store.isReachable(),
  });
}

function openMessages(config: JournalConfig, logger: Logger): EventConsumer<JournalMessage> {
  const { journalTopic: topic, kafkaGroup: group = journalGroup } = config;
  const kafka = { ...kafkaOf(config), clientId: 'tandem-journal', group, logger };
  return createKafkaJournalConsumer(topic === undefined ? kafka : { ...kafka, topic });
}

function openFrames(config: JournalConfig, logger: Logger): EventConsumer<MessageFrame> {
  const { messagesTopic: topic, messagesGroup: group = messagesGroup } = config;
  const kafka = { ...kafkaOf(config), clientId: 'tandem-messages', group, logger };
  return createKafkaMessagesConsumer(topic === undefined ? kafka : { ...kafka, topic });
}

function kafkaOf({ kafkaBrokers: brokers, kafkaSecurity: security }: JournalConfig) {
  if (brokers === undefined) {
    throw new SwitchError('SWITCH_CONFIGURATION_INVALID', 'TANDEM_KAFKA_BROKERS is not set');
  }
  return { brokers, security };
}
