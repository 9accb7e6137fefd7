import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigurationError,
  environmentVariables,
  processVariables,
  serviceNames,
  services,
} from '@tandem/config';
import type { Service, ServiceName } from '@tandem/config';
import { readModuleConfigs, readModules } from '../src/config.ts';

const env = {
  TANDEM_GRPC_LISTEN: '127.0.0.1:9000',
  TANDEM_SIP_LISTEN: '127.0.0.1:5060',
  TANDEM_REDIS_URL: 'redis://127.0.0.1:6379',
  TANDEM_POSTGRES_URL: 'postgres://tandem@127.0.0.1:5432/tandem',
  TANDEM_KAFKA_BROKERS: '127.0.0.1:9092',
  TANDEM_SECRET_KEY_FILE: '/run/secrets/key',
};

/** What a reader says is wrong, by variable. */
async function mistakesOf(read: () => unknown): Promise<ReadonlyMap<string, string>> {
  try {
    await read();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    assert.equal(new Set(error.mistakes.map(({ path }) => path)).size, error.mistakes.length);
    return new Map(error.mistakes.map(({ path, message }) => [path, message]));
  }
  return new Map();
}

test('OPS-05 a process has the modules that it is told, in the order of their start; the call pod by default', () => {
  assert.deepEqual(readModules({}), ['auth', 'registrar', 'routing', 'edge']);
  assert.deepEqual(readModules({ TANDEM_MODULES: ' edge, api ,auth' }), ['api', 'auth', 'edge']);
  assert.deepEqual(readModules({ TANDEM_MODULES: serviceNames.join(',') }), serviceNames);
});

test('OPS-05 a wrong TANDEM_MODULES is told with what would be right', async () => {
  for (const [text, message] of [
    [
      'routng,auth',
      /^"routng,auth" is wrong: no service is called routng: write one or more of api, billing, journal, auth, registrar, routing, edge, with commas; did you mean "routing"\?$/,
    ],
    ['edge,auth,edge', /edge stands twice/],
    ['edge,', /a name is missing/],
  ] as const) {
    const mistakes = await mistakesOf(() => readModuleConfigs({ ...env, TANDEM_MODULES: text }));
    assert.deepEqual([...mistakes.keys()], ['TANDEM_MODULES']);
    assert.match(mistakes.get('TANDEM_MODULES') ?? '', message);
  }
});

test('OPS-05 the mistakes of all modules are told at once, each once', async () => {
  const modules = { TANDEM_MODULES: 'edge,auth,routing,billing' };
  const mistakes = await mistakesOf(() =>
    readModuleConfigs({
      ...modules,
      TANDEM_AUTH_ALGORITHMS: 'ROT13',
      TANDEM_BILLING_LOST_MINUTES: '5',
      TANDEM_EDGE_ROLE: 'middle',
      TANDEM_TLS_CA_FILE: '/nowhere',
    }),
  );
  assert.deepEqual([...mistakes.keys()].sort(), [
    'TANDEM_AUTH_ALGORITHMS',
    'TANDEM_BILLING_LOST_MINUTES',
    'TANDEM_EDGE_ROLE',
    'TANDEM_GRPC_LISTEN',
    'TANDEM_KAFKA_BROKERS',
    'TANDEM_POSTGRES_URL',
    'TANDEM_REDIS_URL',
    'TANDEM_SECRET_KEY_FILE',
    'TANDEM_SIP_LISTEN',
    'TANDEM_TLS_CERT_FILE',
    'TANDEM_TLS_KEY_FILE',
  ]);
});

test('OPS-05 addresses are asked for of those alone that are in another process', async () => {
  const missing = async (modules: string): Promise<string[]> => {
    const mistakes = await mistakesOf(() => readModuleConfigs({ ...env, TANDEM_MODULES: modules }));
    return [...mistakes.keys()].sort();
  };
  assert.deepEqual(await missing('edge,auth,routing'), []);
  assert.deepEqual(await missing('edge,auth'), ['TANDEM_ROUTING_ADDRESS']);
  assert.deepEqual(await missing('edge'), ['TANDEM_AUTH_ADDRESS', 'TANDEM_ROUTING_ADDRESS']);
  assert.deepEqual(await missing('api,billing'), [
    'TANDEM_AUTH_ADDRESS',
    'TANDEM_EDGE_ADDRESS',
    'TANDEM_ROUTING_ADDRESS',
  ]);
  assert.deepEqual(await missing(serviceNames.join(',')), []);
});

test('OPS-05 who is asked by nobody outside the process need not listen', async () => {
  const silent = { ...env, TANDEM_GRPC_LISTEN: '' };
  const read = (modules: string) => readModuleConfigs({ ...silent, TANDEM_MODULES: modules });
  assert.equal((await read(serviceNames.join(','))).auth?.grpcListen, undefined);
  const mistakes = await mistakesOf(() => read('edge,auth,routing'));
  assert.ok(mistakes.has('TANDEM_GRPC_LISTEN'));
});

test('OPS-05 a front has a process of its own', async () => {
  const front = { ...env, TANDEM_EDGE_ROLE: 'front', TANDEM_POD_LISTEN: '127.0.0.1:7100' };
  const mistakes = await mistakesOf(() => readModuleConfigs(front));
  assert.match(
    mistakes.get('TANDEM_EDGE_ROLE') ?? '',
    /is front, which has no calls.*TANDEM_MODULES=edge/,
  );
  const alone = await readModuleConfigs({ ...front, TANDEM_MODULES: 'edge' });
  assert.equal(alone.edge?.role, 'front');
});

test('OPS-05 the list of services names exactly the variables that each service reads', async () => {
  for (const name of serviceNames) {
    const asked = new Set<string>();
    const watched = new Proxy<NodeJS.ProcessEnv>(
      {},
      {
        get: (_, variable) => {
          asked.add(String(variable));
          return undefined;
        },
      },
    );
    await mistakesOf(() => readModuleConfigs(watched, [name]));
    const own = [...asked].filter(
      (variable) =>
        Object.hasOwn(environmentVariables, variable) &&
        !processVariables.some((each) => each === variable),
    );
    assert.deepEqual(own.sort(), [...services[name].settings].sort(), name);
  }
});

test('OPS-05 the list of services is whole: each has an address where others ask it, and needs what it has settings for', () => {
  const storeOf = {
    redis: 'TANDEM_REDIS_URL',
    postgres: 'TANDEM_POSTGRES_URL',
    kafka: 'TANDEM_KAFKA_BROKERS',
    'secret-key': 'TANDEM_SECRET_KEY_FILE',
  } as const;
  for (const name of serviceNames) {
    const service: Service = services[name];
    for (const [thing, variable] of Object.entries(storeOf)) {
      assert.equal(
        service.needs.some((need) => need === thing),
        service.settings.includes(variable),
        `${name}: ${thing}`,
      );
    }
    for (const asked of service.asks) {
      const { address, ports }: Service = services[asked as ServiceName];
      assert.ok(address !== undefined && service.settings.includes(address), `${name}: ${asked}`);
      assert.ok(ports.grpc !== undefined, asked);
    }
  }
});
