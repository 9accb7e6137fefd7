import { createServer } from 'node:net';

/** Where the local stores of this run listen. */
export interface LocalPorts {
  readonly redis: number;
  readonly postgres: number;
  readonly kafka: number;
  readonly kafkaController: number;
}

const variables = {
  redis: 'TANDEM_LOCAL_REDIS_PORT',
  postgres: 'TANDEM_LOCAL_POSTGRES_PORT',
  kafka: 'TANDEM_LOCAL_KAFKA_PORT',
  kafkaController: 'TANDEM_LOCAL_KAFKA_CONTROLLER_PORT',
} as const;

const usual: LocalPorts = { redis: 21379, postgres: 21432, kafka: 21092, kafkaController: 21093 };

/**
 * The ports as the environment sets them; else the usual ones, or, where another checkout's stores have
 * those, the next hundred that is free.
 */
export async function chooseLocalPorts(
  env: NodeJS.ProcessEnv,
  areOursUp: boolean,
): Promise<LocalPorts> {
  if (areOursUp || Object.values(variables).some((name) => env[name] !== undefined)) {
    return portsFrom(env);
  }
  for (let shift = 0; shift <= 2000; shift += 100) {
    const shifted = shiftBy(shift);
    const free = await Promise.all(Object.values(shifted).map(isFree));
    if (free.every(Boolean)) return shifted;
  }
  return usual;
}

/** The environment that tells the stores' scripts and the tests of these ports. */
export function environmentOf(ports: LocalPorts): NodeJS.ProcessEnv {
  const { redis, postgres, kafka, kafkaController } = ports;
  return {
    [variables.redis]: String(redis),
    [variables.postgres]: String(postgres),
    [variables.kafka]: String(kafka),
    [variables.kafkaController]: String(kafkaController),
    TANDEM_TEST_REDIS_URL: `redis://127.0.0.1:${String(redis)}`,
    TANDEM_TEST_POSTGRES_URL: `postgres://tandem@127.0.0.1:${String(postgres)}/tandem`,
    TANDEM_TEST_KAFKA_BROKERS: `127.0.0.1:${String(kafka)}`,
  };
}

function portsFrom(env: NodeJS.ProcessEnv): LocalPorts {
  const kafka = Number(env[variables.kafka] ?? usual.kafka);
  return {
    redis: Number(env[variables.redis] ?? usual.redis),
    postgres: Number(env[variables.postgres] ?? usual.postgres),
    kafka,
    kafkaController: Number(env[variables.kafkaController] ?? kafka + 1),
  };
}

function shiftBy(shift: number): LocalPorts {
  return {
    redis: usual.redis + shift,
    postgres: usual.postgres + shift,
    kafka: usual.kafka + shift,
    kafkaController: usual.kafkaController + shift,
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
