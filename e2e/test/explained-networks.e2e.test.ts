import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { TestNameServer } from '@tandem/testing';

import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { ask, type Asking } from '../src/asking-client.ts';
import { PASSWORD } from '../src/broken-setups/index.ts';
import { as, register } from '../src/broken-setups/setup.ts';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { configuration } from '../src/configuration.ts';
import { freePort } from '../src/free-ports.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { until } from '../src/until.ts';

interface View {
  readonly summary: string;
  readonly evidence: readonly string[];
  readonly change: string | null;
}

interface Broken {
  readonly name: string;
  /** @returns what it is found by, a path of the API */
  readonly break: () => Promise<string>;
  readonly says: readonly RegExp[];
  readonly remedy: RegExp;
}

const PATIENCE = { timeoutMs: 60_000, everyMs: 500 };
/** As short as the switch lets an answer hold. */
const TTL = 5;

/** A balancer that hides sources, and name servers that change their minds. */
suite('networks that mislead explain themselves', () => {
  let running: RunningSwitch;
  let carrier: AnsweringCarrier;
  let names: TestNameServer;
  let deadPort = 0;

  const record = (name: string, data: string) => ({ type: 'A', name, ttl: TTL, data }) as const;

  before(async () => {
    carrier = await AnsweringCarrier.start(new Map([['44', [{ code: 200 }]]]));
    deadPort = await freePort();
    const dead = ['moves.example', 'goes.example', 'stays.example'];
    names = await TestNameServer.start(dead.map((name) => record(name, '127.0.0.1')));
    names.negativeTtl = TTL;
    running = await startTestCluster({
      layout: 'pod',
      pods: 1,
      mode: 'direct',
      env: { TANDEM_SIP_SOURCE: 'hidden', TANDEM_DNS_SERVERS: `127.0.0.1:${String(names.port)}` },
    });
    const document = configuration(carrier.port, carrier.port);
    for (const phone of document.phones) phone['password'] = PASSWORD;
    document.phones.push({ username: '2001', account: 'demo', password: PASSWORD, authentication: 'both', addresses: ['127.0.0.1/32'] }); // prettier-ignore
    const gateway = (name: string, prefix: string) => ({ name, prefixes: [prefix], addresses: [`${name}.example:${String(deadPort)}`], priority: 1, timers: { invite: 1 } }); // prettier-ignore
    document.routingGateways.push(gateway('moves', '4601'), gateway('goes', '4602'), gateway('stays', '4603')); // prettier-ignore
    (document.rateGroups[0]?.['rates'] as object[]).push({ prefix: '46', pricePerMinute: '0.01' });
    document.parameters = { ...document.parameters, SS_SIP_AUTHENTICATION_TIMEOUT: 4 };
    await running.configure(document);
  });

  after(async () => {
    await running.stop();
    carrier.close();
    await names.close();
  });

  const asked = async (asking: Partial<Asking>): Promise<string> => {
    const request = { method: 'INVITE', from: '441632', to: '441', target: running.sip } as const;
    const { callId } = await ask({ ...request, ...asking });
    return `explain/${encodeURIComponent(callId)}`;
  };
  const noted = (cause: string, name: string): Promise<true> =>
    until(
      `${cause} of ${name} is in the journal`,
      async () => {
        const { entries } = (await running.api.get(`/api/v1/journal?cause=${cause}&terminal=${name}:${String(deadPort)}`)) as { entries: unknown[] }; // prettier-ignore
        return entries.length > 0 ? true : undefined;
      },
      PATIENCE,
    );

  const table: readonly Broken[] = [
    {
      name: 'a trunk in front of which the network hides sources',
      break: () => asked({ address: '127.0.0.2' }),
      says: [/the network in front of the switch hides where clients send from, so the address 127\.0\.0\.2:\d+ does not prove that it is mapping gateway demo-trunk \(mode ip\)/],
      remedy: /externalTrafficPolicy: Local.*Else have mapping gateway demo-trunk prove a password/,
    },
    {
      name: 'a trunk that comes by the address of a node',
      break: () => asked({ address: '127.0.0.9' }),
      says: [/127\.0\.0\.9:\d+ with no credentials/, /the network in front of the switch hides where clients send from, so that no address proves anything/],
      remedy: /externalTrafficPolicy: Local.*No list helps/,
    },
    {
      name: 'a phone that may be at some addresses alone, where sources are hidden',
      break: () => asked(register('2001')),
      says: [/Phone 2001 may not register from 127\.0\.0\.1:\d+: the network in front of the switch hides where clients send from/],
      remedy: /externalTrafficPolicy: Local.*Else have phone 2001 prove a password \(authentication: password\)/,
    },
    {
      name: 'a gateway whose name moved',
      break: async () => {
        const path = await asked({ ...as('1001'), to: '46010' });
        names.records = [...names.records.filter(({ name }) => name !== 'moves.example'), record('moves.example', '127.0.0.42')]; // prettier-ignore
        await noted('name-changed', 'moves.example');
        return path;
      },
      says: [
        /moves sent nothing at all within [\d.]+ s \(timers\.invite of routing gateway moves\) from 127\.0\.0\.1:\d+/,
        /At 20\d\d-\S+Z, after the call, a new answer came: moves\.example:\d+ stands for 127\.0\.0\.42:\d+ now; before it stood for 127\.0\.0\.1:\d+\. The call went by the old one, which had not run out/,
      ],
      remedy: /address and port/,
    },
    {
      name: 'a gateway whose name is gone',
      break: async () => {
        names.records = names.records.filter(({ name }) => name !== 'goes.example');
        await noted('name-lost', 'goes.example');
        return asked({ ...as('1001'), to: '46020' });
      },
      says: [
        /goes, because no address is known for goes\.example:\d+: the name has no address/,
        /At 20\d\d-\S+Z, before the call: goes\.example:\d+ has no address any more; before it stood for 127\.0\.0\.1:\d+/,
      ],
      remedy: /Correct the name in addresses of routing gateway goes, or see whether the name servers of routing know it/,
    },
    {
      name: 'a gateway whose name servers are away',
      break: async () => {
        names.mood = 'failing';
        await new Promise((resolve) => setTimeout(resolve, 2 * TTL * 1000));
        return asked({ ...as('1001'), to: '46030' });
      },
      says: [
        /stays sent nothing at all/,
        /The last answer for stays\.example:\d+, which held until 20\d\d-\S+Z, had run out, and no newer one came \(.+\): the call went to the old address, 127\.0\.0\.1:\d+/,
      ],
      remedy: /address and port/,
    },
  ]; // prettier-ignore

  for (const { name, break: breakIt, remedy, says } of table) {
    test(`OPS-09 ${name}: cause, value and remedy`, async () => {
      const path = await breakIt();
      let text = '';
      let change = '';
      await until(`${name} is explained`, async () => {
        const view = (await running.api.get(`/api/v1/${path}`).catch(() => undefined)) as View | undefined; // prettier-ignore
        text = [view?.summary, ...(view?.evidence ?? [])].join('\n');
        change = view?.change ?? '';
        return says.every((said) => said.test(text));
      }, PATIENCE).catch(() => undefined); // prettier-ignore
      for (const said of says) assert.match(text, said);
      assert.match(change, remedy);
    });
  }
});
