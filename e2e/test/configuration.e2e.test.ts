import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callAsPhone, finalResponse } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { Carrier } from '../src/sipp.ts';

let carrier: Carrier | undefined;
let ports: readonly number[] = [];

const TEN_MISTAKES = `
parameters:
  SS_SIP_AUTHENTICATION_RETRY: 100000
  SS_NO_SUCH_PARAMETER: 1
rateGroups:
  - name: standard
    currency: dollars
    rates:
      - { prefix: '44', pricePerMinute: 'cheap' }
      - { prefix: '44', pricePerMinute: '0.02' }
accounts:
  - { name: demo, status: asleep, rateGroup: standard }
phones:
  - { username: '1001', password: tandem-demo, account: nobody }
mappingGateways:
  - { name: demo-trunk, account: demo, authentication: { mode: ip, addresses: [300.0.0.2/32] } }
routingGateways:
  - { name: carrier-a, addresses: ['127.0.0.1:5070'], prefixes: ['44'], priority: -1 }
  - { name: carrier-a, addresses: ['127.0.0.1:5071'], prefixes: ['44'], colour: red }
`;

onEachWay(
  'configuration',
  {
    setUp: async (running) => {
      ports = await freePorts(2);
      carrier = await Carrier.start({ scenario: 'carrier-answers', port: ports[0] ?? 0 });
      await running.configure(document());
    },
    tearDown: async () => carrier?.stop(),
  },
  (theSwitch) => {
    test('OPS-01 a YAML with ten mistakes names all ten and changes nothing', async () => {
      const { api } = theSwitch();
      const before = await api.get('/api/v1/configuration');
      const answer = await api.tryApply(TEN_MISTAKES, 'application/yaml');
      assert.ok(answer.status === 400 || answer.status === 422, String(answer.status));
      const text = JSON.stringify(answer.body);
      const named = [
        'SS_SIP_AUTHENTICATION_RETRY',
        'SS_NO_SUCH_PARAMETER',
        'currency',
        'pricePerMinute',
        'rates[1]',
        'status',
        'nobody',
        '300.0.0.2',
        'priority',
        'colour',
        'carrier-a',
      ];
      for (const name of named) assert.ok(text.includes(name), `${name} in ${text}`);
      assert.deepEqual(await api.get('/api/v1/configuration'), before);
      const call = await callAsPhone(theSwitch(), '442079460000');
      assert.equal(finalResponse(call).status, 200);
    });

    test('ROUTE-13 a change is in effect within 2 s', async () => {
      const changed = document();
      changed.phones.push({ username: '1002', password: 'another-one', account: demo.account });
      await theSwitch().api.apply(changed);
      await sleep(2000);
      const credentials = { username: '1002', password: 'another-one' };
      const call = await callAsPhone(theSwitch(), '442079460000', credentials);
      assert.equal(finalResponse(call).status, 200, call.output);
    });

    test('AUTH-12 passwords are not in what the API gives back', async () => {
      const text = JSON.stringify(await theSwitch().api.get('/api/v1/configuration'));
      assert.ok(text.includes(demo.phone));
      assert.ok(!text.includes(demo.password));
    });
  },
);

function document() {
  return configuration(ports[0] ?? 0, ports[1] ?? 0);
}
