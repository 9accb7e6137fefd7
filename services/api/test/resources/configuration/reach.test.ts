import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@tandem/proto/edge';
import { apiUnderTest, emptyPorts, example } from '../../api-under-test.ts';
import type { ServicePorts } from '../../../src/ports.ts';
import { apply } from './applying.ts';

interface Warned {
  readonly warnings: readonly { readonly path: string; readonly message: string }[];
}

/** Edges that advertise these; undefined: a pod of the version before. */
function edgesAt(...addresses: readonly (string | undefined)[]): Pick<ServicePorts, 'edge'> {
  const pods = addresses.map((address) =>
    Pod.fromPartial(address === undefined ? {} : { advertisedTo: [{ address }] }),
  );
  return { edge: { ...emptyPorts().edge, listPods: () => Promise.resolve({ pods }) } };
}

const sixes = example.replaceAll('127.0.0.1:5070', '[2001:db8::7]:5070');

test('CALL-07 T2-33 a document whose gateways no edge reaches is refused, and nothing is changed', async () => {
  const api = await apiUnderTest(edgesAt('127.0.0.1:5060'));
  const { status, body } = await apply(api, sixes);
  assert.equal(status, 422);
  assert.match(body.mistakes[0]?.message ?? '', /is reached by IPv6 over udp, which no edge/);
  assert.equal(await api.store.current(), undefined);
  assert.equal((await apply(api, example)).status, 200);
});

test('CALL-07 where no edge says what it listens on a document is applied, with a warning', async () => {
  const away = { ...emptyPorts().edge, listPods: () => Promise.reject(new Error('away')) };
  for (const ports of [edgesAt(), edgesAt('127.0.0.1:5060', undefined), { edge: away }]) {
    const api = await apiUnderTest(ports);
    const { status, body } = await apply(api, sixes);
    assert.equal(status, 200);
    const { warnings } = body as unknown as Warned;
    assert.match(warnings[0]?.message ?? '', /were not held against what the edges listen on/);
  }
});

test('CALL-07 a document without a routing gateway asks no edge', async () => {
  const listPods = (): never => assert.fail('asked');
  const api = await apiUnderTest({ edge: { ...emptyPorts().edge, listPods } });
  const { status, body } = await apply(api, 'realm: tandem');
  assert.equal(status, 200);
  assert.deepEqual((body as unknown as Warned).warnings, []);
});
