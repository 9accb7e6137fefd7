import { flushCompileCache } from 'node:module';
import { misspeltVariables, readEnvironment, settings } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { startTelemetry } from '@tandem/telemetry';
import type { Telemetry } from '@tandem/telemetry';
import { z } from 'zod';
import { openAdminServer } from './admin-server.ts';
import type { AdminServer } from './admin-server.ts';
import type { App } from './app.ts';
import { createLogger, logLevels } from './logger.ts';
import type { Logger } from './logger.ts';
import { ProcessResources } from './process-resources.ts';

/** What a service is given to build itself from. */
export interface ServiceContext {
  readonly logger: Logger;
  /** The log of one of several services. */
  readonly loggerOf: (service: string) => Logger;
  /** Closed when the process has stopped what was made with it. */
  readonly shared: ProcessResources;
  readonly env: NodeJS.ProcessEnv;
}

/** A process that takes longer than this to stop is ended; shorter than Kubernetes' 30 s of grace. */
const STOP_LIMIT_MS = 25_000;

/** What every process reads, before anything of its service. */
const processSettings = z
  .object({
    TANDEM_ADMIN_LISTEN: settings.listen.optional(),
    TANDEM_LOG_LEVEL: z.enum(logLevels).optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: z.url('write a URL such as http://127.0.0.1:4318').optional(),
    OTEL_LOGS_EXPORTER: z.enum(['otlp', 'none'], 'write otlp or none').optional(),
  })
  .refine(
    (values) =>
      values.OTEL_LOGS_EXPORTER !== 'otlp' || values.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
    {
      path: ['OTEL_LOGS_EXPORTER'],
      message: 'set OTEL_EXPORTER_OTLP_ENDPOINT, where lines are sent to',
    },
  );

/**
 * Runs one service, or several that are composed into one, as the process it is: telemetry, log, what is opened once, health
 * endpoints on `TANDEM_ADMIN_LISTEN`, start, gRPC, and on SIGTERM or SIGINT drain, stop, exit. A second signal exits at once with code 130.
 * Where the start fails it says why and exits with code 1.
 */
export async function runService(
  name: string,
  createApp: (context: ServiceContext) => App | Promise<App>,
): Promise<void> {
  const { env } = process;
  const own = readOwnSettings(env);
  const log = createLogger(undefined, { level: own.values.TANDEM_LOG_LEVEL ?? 'info' });
  const loggerOf = (service: string): Logger => log.child({ service });
  const logger = loggerOf(name);
  const telemetry = await startTelemetry(name, {
    ...env,
    OTEL_EXPORTER_OTLP_ENDPOINT: own.values.OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_LOGS_EXPORTER: own.values.OTEL_LOGS_EXPORTER,
  });
  const shared = new ProcessResources(name, logger);
  const run: Running = { logger, telemetry, shared, app: undefined, admin: undefined };
  watchSignals(run);
  watchUnhandled(run);
  try {
    for (const misspelt of misspeltVariables(env)) logger.warn(misspelt);
    if (own.error !== undefined) throw own.error;
    const listen = own.values.TANDEM_ADMIN_LISTEN;
    if (listen !== undefined) {
      run.admin = await openAdminServer(
        listen,
        () => run.app !== undefined && run.isStarted === true && run.app.isReady(),
      );
    }
    run.app = await createApp({ logger, loggerOf, shared, env });
    await run.app.start();
    await shared.listen();
    run.isStarted = true;
    logger.info({ adminPort: run.admin?.port }, 'started');
    // A pod that is killed never gets to its exit, where Node would do this: the next start is twice as quick with it.
    flushCompileCache();
  } catch (error) {
    reportFailedStart(logger, error);
    await shutDown(run, 1);
  }
}

interface OwnSettings {
  readonly values: Partial<z.output<typeof processSettings>>;
  /** What is wrong with them; told once there is a log. */
  readonly error?: Error;
}

function readOwnSettings(env: NodeJS.ProcessEnv): OwnSettings {
  try {
    return { values: readEnvironment(processSettings, env) };
  } catch (error) {
    return { values: {}, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

interface Running {
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly shared: ProcessResources;
  app: App | undefined;
  admin: AdminServer | undefined;
  /** It has started, and may be asked. */
  isStarted?: boolean;
  isStopping?: boolean;
}

function watchSignals(run: Running): void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (run.isStopping === true) process.exit(130);
    run.logger.info({ signal }, 'stopping');
    // shutDown handles its own failures and ends the process.
    void shutDown(run, 0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function watchUnhandled(run: Running): void {
  // The state of a process after this is unknown; calls survive it (CALL-06), so leave quickly.
  const onUnhandled = (error: unknown): void => {
    run.logger.fatal({ err: error }, 'unhandled failure');
    run.logger.flush();
    process.exit(1);
  };
  process.on('uncaughtException', onUnhandled);
  process.on('unhandledRejection', onUnhandled);
}

async function shutDown(run: Running, exitCode: number): Promise<never> {
  run.isStopping = true;
  const limit = setTimeout(() => {
    run.logger.error({ limitMs: STOP_LIMIT_MS }, 'did not stop in time');
    process.exit(1);
  }, STOP_LIMIT_MS);
  let code = exitCode;
  try {
    if (exitCode === 0) await run.app?.drain();
    await run.app?.stop();
    await run.shared.close();
    await run.admin?.close();
    await run.telemetry.shutdown();
  } catch (error) {
    run.logger.error({ err: error }, 'failed to stop cleanly');
    code = 1;
  }
  clearTimeout(limit);
  run.logger.info({ code }, 'stopped');
  run.logger.flush();
  process.exit(code);
}

function reportFailedStart(logger: Logger, error: unknown): void {
  // A mistake of the operator is told in words, one of ours with its stack.
  if (error instanceof SwitchError && error.code === 'SWITCH_CONFIGURATION_INVALID') {
    logger.fatal({ code: error.code }, error.message);
    return;
  }
  logger.fatal({ err: error }, 'failed to start');
}
