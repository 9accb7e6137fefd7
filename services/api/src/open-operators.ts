import { fileURLToPath } from 'node:url';
import type { Journal } from '@tandem/events';
import type { Logger, Pool } from '@tandem/service';
import { openOpenIdProvider } from './adapters/openid-provider.ts';
import { openAuditStore } from './adapters/pg-audit-store.ts';
import { openOperatorStore } from './adapters/pg-operator-store.ts';
import type { OperatorParts } from './api/route-parts.ts';
import type { ApiConfig } from './config.ts';
import { signInDefaults, SignIns } from './sign-ins.ts';

/** Tables of operators, in schema `tandem_api`. */
export const operatorMigrations = fileURLToPath(new URL('../migrations', import.meta.url));

const SWEEP_MS = 10 * 60_000;

/** Opens what operators are kept in. @param url where the API listens */
export function openOperators({ config, journal, pool, url }: {
  readonly config: ApiConfig;
  readonly journal: Journal;
  readonly pool: Pool;
  readonly url: () => string;
}): OperatorParts {
  const store = openOperatorStore(pool);
  const settings = { ...signInDefaults, ...config.signIns };
  const publicUrl = (): string => (config.publicUrl ?? url()).replace(/\/+$/, '');
  return {
    store,
    audit: openAuditStore(pool),
    signIns: new SignIns({ store, settings, journal, now: () => new Date() }),
    openId: config.openId && openOpenIdProvider(config.openId),
    publicUrl,
    isSecure: () => publicUrl().startsWith('https:'),
  };
} // prettier-ignore

/** Removes what has expired from time to time. */
export interface Sweeper {
  close(): Promise<void>;
}

export function startSweeper({ signIns, store }: OperatorParts, logger: Logger): Sweeper {
  let running: Promise<void> | undefined;
  const sweep = async (): Promise<void> => {
    try {
      await store.sweep(new Date(), signIns.settings.idleMs);
    } catch (error) {
      logger.debug({ err: error }, 'expired sessions stay a while');
    }
  };
  const timer = setInterval(() => {
    running = sweep();
  }, SWEEP_MS).unref();
  return {
    close: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
