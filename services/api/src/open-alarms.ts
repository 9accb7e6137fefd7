import type { AlarmChannel, Configuration } from '@tandem/config';
import type { Logger, Pool } from '@tandem/service';
import { mailAlarms } from './adapters/alarm-mail.ts';
import { postAlarms } from './adapters/alarm-webhook.ts';
import { openAlarmStore } from './adapters/pg-alarm-store.ts';
import type { AlarmSettings } from './alarm-settings.ts';
import { AlarmDispatcher, type Deliver } from './alarms/alarm-dispatcher.ts';
import { AlarmEvaluator } from './alarms/alarm-evaluator.ts';
import type { AlarmParts } from './api/route-parts.ts';
import type { ConfigurationStore, ServicePorts } from './ports.ts';
import { reportAlarms } from './telemetry.ts';

const EVERY_MS = 15_000;
const SWEEP_MS = 3_600_000;

export interface AlarmsOptions {
  readonly settings: AlarmSettings | undefined;
  readonly pool: Pool;
  readonly ports: ServicePorts;
  readonly configurations: ConfigurationStore;
  readonly logger: Logger;
  /** How the console is reached. */
  readonly url: () => string;
}

/** Alarms while the api runs (OPS-11). */
export interface Alarms extends AlarmParts {
  start(): void;
  stop(): Promise<void>;
}

export function openAlarms(options: AlarmsOptions): Alarms {
  const { configurations, logger, pool, ports, settings, url } = options;
  const store = openAlarmStore(pool);
  const configuration = async (): Promise<Configuration | undefined> =>
    (await configurations.current())?.configuration;
  const channels = async (): Promise<readonly AlarmChannel[]> =>
    (await configuration())?.alarmChannels ?? [];
  const deliver = deliverBy(settings);
  const dispatcher = new AlarmDispatcher({ store, channels, deliver, logger, now: Date.now });
  let counts: Readonly<Record<string, number>> | undefined;
  const evaluator = new AlarmEvaluator({
    store,
    ports,
    configuration,
    logger,
    url,
    now: Date.now,
    everyMs: settings?.everyMs ?? EVERY_MS,
    onChanged: () => {
      void dispatcher.round(); // It says itself what goes wrong.
    },
    onRound: async () => {
      counts = evaluator.isEvaluating ? await store.counts() : undefined;
    },
  });
  let end: (() => void) | undefined;
  let sweeper: NodeJS.Timeout | undefined;
  return {
    store,
    deliver,
    start: () => {
      end = reportAlarms(() => counts);
      evaluator.start();
      dispatcher.start();
      sweeper = setInterval(() => {
        store.sweep(new Date()).catch((error: unknown) => {
          logger.debug({ err: error }, 'old alarms stay a while');
        });
      }, SWEEP_MS).unref();
    },
    stop: async () => {
      end?.();
      clearInterval(sweeper);
      await evaluator.stop();
      await dispatcher.stop();
    },
  };
}

/** Tells a channel of whatever kind. */
function deliverBy(settings: AlarmSettings | undefined): Deliver {
  return async ({ kind, to = [], url = '' }, notification) => {
    if (kind === 'email') return mailAlarms(to, notification, settings?.smtp);
    await postAlarms(url, notification, { secretFile: settings?.webhookSecretFile });
    return '';
  };
}
