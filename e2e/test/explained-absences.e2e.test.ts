import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@tandem/config';
import { OwnRedis } from '@tandem/testing';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { ask } from '../src/asking-client.ts';
import { PASSWORD } from '../src/broken-setups/index.ts';
import { as } from '../src/broken-setups/setup.ts';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { configuration } from '../src/configuration.ts';
import { until } from '../src/until.ts';

interface View {
  readonly summary: string;
  readonly evidence: readonly string[];
  readonly change: string | null;
}

const PATIENCE = { timeoutMs: 60_000, everyMs: 500 };
/** Long enough to be missed twice by each pod. */
const AWAY_MS = 2000;
const SPAN = /was away from 20\d\d-\S+Z until 20\d\d-\S+Z, [\d.]+ s\./;

test('DENY-19 OPS-09 split: what failed since a service or Redis was away says which, from when to when, and what brings it back', async (t) => {
  const redis = await OwnRedis.start();
  t.after(() => redis.close());
  const carrier = await AnsweringCarrier.start(new Map([['44', [{ code: 200 }]]]));
  t.after(() => {
    carrier.close();
  });
  const stores = { redisUrl: redis.url };
  const running = await startTestCluster({ layout: 'split', pods: 2, isRespawning: false, stores });
  t.after(() => running.stop());
  const document = configuration(carrier.port, carrier.port);
  for (const phone of document.phones) phone['password'] = PASSWORD;
  document.phones.push({ username: '2001', account: 'demo', password: PASSWORD });
  document.parameters = { SS_OVERLOAD_CONTROL: false };
  await running.configure(document);
  const request = { method: 'INVITE', to: '441', target: running.sip, patienceMs: 15_000 } as const;
  const call = async (to: string): Promise<string> => (await ask({ ...request, ...as('1001'), to })).callId; // prettier-ignore
  const register = async (): Promise<string> => {
    const headers = { Contact: '<sip:2001@127.0.0.1:6001>' };
    return (await ask({ ...request, ...as('2001'), method: 'REGISTER', to: '2001', headers }))
      .callId;
  };
  await register();

  const away = async (service: ServiceName, during: () => Promise<string>): Promise<string> => {
    const names = running.cluster.processesOf(service);
    await Promise.all(names.map((name) => running.cluster.end(name, 'SIGKILL')));
    await sleep(AWAY_MS);
    const callId = await during();
    await Promise.all(names.map((name) => running.cluster.startAgain(name)));
    await running.cluster.ready();
    return callId;
  };
  const explains = async (name: string, callId: string, says: RegExp): Promise<void> => {
    await t.test(name, async () => {
      let text = '';
      let change = '';
      await until(`${name} is explained`, async () => {
        const path = `/api/v1/explain/${encodeURIComponent(callId)}`;
        const view = (await running.api.get(path).catch(() => undefined)) as View | undefined;
        text = [view?.summary, ...(view?.evidence ?? [])].join('\n');
        change = view?.change ?? '';
        return says.test(text) && SPAN.test(text);
      }, PATIENCE).catch(() => undefined); // prettier-ignore
      assert.match(text, says);
      assert.match(text, SPAN);
      assert.match(change, /`tandem pods`/);
    });
  };

  await explains('auth, a call', await away('auth', () => call('441')), /the service auth, which says who calls, was away when the call needed it/); // prettier-ignore
  await explains('routing, a call', await away('routing', () => call('441')), /the service routing, which finds gateways, was away when the call needed it/); // prettier-ignore
  await explains('registrar, a call to a phone', await away('registrar', () => call('2001')), /the service registrar, which knows where phones are, was away when routing asked it/); // prettier-ignore
  await explains('registrar, a registration', await away('registrar', register), /REGISTER of phone 2001 .* the service registrar, which knows where phones are, was away/); // prettier-ignore
  await redis.kill();
  await sleep(AWAY_MS);
  const [called, registered] = await Promise.all([call('441'), register()]);
  await redis.start();
  await explains('Redis, a call', called, /Redis, which holds .*, was away/);
  await explains(
    'Redis, a registration',
    registered,
    /REGISTER of phone 2001 .* Redis, which holds .*, was away/,
  );
});
