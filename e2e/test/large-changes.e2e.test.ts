import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largeConfiguration } from '@tandem/testing';
import { onEachWay } from '../src/each-way.ts';
import type { SwitchApi } from '../src/switch-api.ts';
import { until } from '../src/until.ts';

/** Ten prefixes each: carrier-0 has 10000000 to 10000009. */
const document = largeConfiguration({ gateways: 300, prefixes: 3000, phones: 1500 }, 1);
const PHONE = '100000';
const OF_FIRST = '1000000055';
const OF_SECOND = '1000001055';

/** Gateways that a call would be sent to, once a version is in force. */
async function gatewaysIn(
  api: SwitchApi,
  version: number,
  callee: string,
): Promise<readonly string[]> {
  await until(
    `version ${String(version)} is in force`,
    async () => (await api.route(PHONE, callee)).configurationVersion >= version,
    { timeoutMs: 60_000 },
  );
  return (await api.routes(PHONE, [callee]))[0]?.gateways ?? [];
}

onEachWay(
  'changes of a large configuration',
  {
    usual: 'real',
    setUp: async ({ api }) => {
      const { body, status } = await api.tryApply(
        document,
        'application/yaml',
        '?allowRemoval=100',
      );
      assert.equal(status, 200, JSON.stringify(body));
      const { version } = body as { version: number };
      assert.deepEqual(await gatewaysIn(api, version, OF_FIRST), ['carrier-0']);
    },
  },
  (theSwitch, way) => {
    test('ROUTE-13 OPS-01 one of many gateways is locked, another one gets its prefix; a process that starts anew has both', async () => {
      const { api } = theSwitch();
      const locked = await api.change('routing-gateways/carrier-0', { lock: 'bar-all' });
      assert.deepEqual(await gatewaysIn(api, locked, OF_FIRST), []);
      const moved = await api.change('routing-gateways/carrier-2', {
        prefixes: ['10000000', '10000010'],
      });
      assert.deepEqual(await gatewaysIn(api, moved, OF_FIRST), ['carrier-2']);
      assert.deepEqual(await gatewaysIn(api, moved, OF_SECOND), ['carrier-1', 'carrier-2']);
      if (way === 'allinone') return;
      // It reads the last whole document, and the changes since.
      await theSwitch().restart('routing', 'SIGKILL');
      assert.deepEqual(await gatewaysIn(api, moved, OF_FIRST), ['carrier-2']);
      assert.deepEqual(await gatewaysIn(api, moved, OF_SECOND), ['carrier-1', 'carrier-2']);
    });

    test('OPS-01 a mistake in one entry of a large configuration is told by its place, and changes nothing', async () => {
      const { api } = theSwitch();
      await assert.rejects(
        api.change('phones/100001', { account: 'demi' }),
        /names customer account .*"path":"account"/,
      );
      await assert.rejects(api.change('phones/100001', { lineLimit: -1 }), /"path":"lineLimit"/);
      const phone = (await api.get('/api/v1/configuration/phones/100001')) as { account: string };
      assert.equal(phone.account, 'demo');
    });
  },
);
