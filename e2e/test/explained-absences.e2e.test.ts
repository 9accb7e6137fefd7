import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@tandem/config';
import { OwnKafka, OwnRedis, databaseForTest, openCuttableRelay } from '@tandem/testing';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { ask, type Asking } from '../src/asking-client.ts';
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

test('DENY-19 OPS-09 pod: while Kafka, billing or PostgreSQL is away explain tells what it can, and which that is', async (t) => {
  const kafka = await OwnKafka.start();
  t.after(() => kafka.close());
  const database = await databaseForTest();
  t.after(() => database.close());
  const relay = await openCuttableRelay(database.url);
  t.after(() => {
    relay.close();
  });
  const carrier = await AnsweringCarrier.start(new Map([['44', [{ code: 200 }]]]));
  t.after(() => {
    carrier.close();
  });
  const stores = { kafkaBrokers: kafka.brokers.join(), postgresUrl: relay.url };
  const running = await startTestCluster({ layout: 'pod', pods: 1, mode: 'direct', isRespawning: false, stores }); // prettier-ignore
  t.after(() => running.stop());
  const document = configuration(carrier.port, carrier.port);
  for (const phone of document.phones) phone['password'] = PASSWORD;
  await running.configure(document);
  const request = { method: 'INVITE', to: '441', target: running.sip } as const;
  const call = async (more: Pick<Asking, 'from'> & Partial<Asking>): Promise<string> =>
    (await ask({ ...request, ...more })).callId;

  type Told = View & { readonly missing: readonly string[]; readonly outcome: string };
  const told = async (callId: string, isTold: (view: Told) => boolean): Promise<Told> => {
    let view: Told | undefined;
    await until(`${callId} is explained`, async () => {
      const path = `/api/v1/explain/${encodeURIComponent(callId)}`;
      view = (await running.api.get(path).catch(() => view)) as Told | undefined;
      return view !== undefined && isTold(view);
    }, PATIENCE).catch(() => undefined); // prettier-ignore
    assert.ok(view, 'nothing is said of it');
    return view;
  };
  const away = (part: string) => ({ missing }: Told) => missing.some((each) => each.startsWith(part)); // prettier-ignore

  const before = await call(as('1001'));
  await told(before, ({ outcome }) => outcome === 'answered');

  await t.test('Kafka', async () => {
    await kafka.kill();
    const during = await call(as('1001'));
    const [pod = ''] = running.cluster.processesOf('edge');
    await until('events wait', () => Promise.resolve(running.processes.get(pod)?.output.includes('events wait in the outbox') === true), PATIENCE); // prettier-ignore
    await sleep(AWAY_MS);
    await kafka.start();
    const { evidence } = await told(during, (view) => LATE.test(view.evidence.join()));
    assert.match(evidence.join(), LATE);
  });

  const stranger = await call({ from: '441632960199', address: '127.0.0.99', repeats: 0 });
  const wrong = await call(as('1001', { password: 'wrong', most: 1 }));
  await told(wrong, ({ summary }) => summary.includes('wrong password'));
  await t.test('billing', async () => {
    const names = running.cluster.processesOf('billing');
    await Promise.all(names.map((name) => running.cluster.end(name, 'SIGKILL')));
    const entry = await told(wrong, away('calls that ended'));
    assert.match(entry.summary, /wrong password/);
    const messages = await told(stranger, away('calls that ended'));
    assert.match(messages.summary, /by its SIP messages INVITE came from 127\.0\.0\.99:\d+ at .*, and the last answer to it was 407/); // prettier-ignore
    const over = Promise.withResolvers<undefined>();
    const held = ask({ ...request, ...as('1001'), holdUntil: over.promise });
    const { calls } = await until('a call is up', async () => {
      const list = (await running.api.get('/api/v1/calls?caller=1001')) as { calls: { callId: string; answeredAt: string | null }[] }; // prettier-ignore
      return list.calls.some(({ answeredAt }) => answeredAt !== null) ? list : undefined;
    }, PATIENCE); // prettier-ignore
    const live = await told(calls[0]?.callId ?? '', away('calls that ended'));
    assert.equal(live.outcome, 'in-progress');
    over.resolve(undefined);
    await held;
    await Promise.all(names.map((name) => running.cluster.startAgain(name)));
    await running.cluster.ready();
  });

  await t.test('PostgreSQL', async () => {
    relay.cut();
    const view = await told(before, away('calls that ended'));
    assert.match(view.missing.join(), /PostgreSQL/);
    assert.equal(view.outcome, 'unknown');
    relay.heal();
    const again = await told(before, ({ outcome }) => outcome === 'answered');
    assert.deepEqual(again.missing, []);
  });
});

const LATE =
  /Kafka was away from 20\d\d-\S+Z until 20\d\d-\S+Z, [\d.]+ s: what is told of the call may have come late/;
