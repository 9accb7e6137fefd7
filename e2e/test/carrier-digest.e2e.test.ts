import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { hasRightDigest } from '../src/digest-check.ts';
import { onEachWay } from '../src/each-way.ts';
import {
  type RefusalSetting,
  carrierCredentials,
  numbers,
  startRefusalSetting,
} from '../src/refusal-cases.ts';
import { header } from '../src/sip-trace.ts';

let setting: RefusalSetting | undefined;

onEachWay(
  'a carrier that asks for credentials',
  {
    layout: 'pod',
    usual: 'real',
    setUp: async (running) => {
      setting = await startRefusalSetting();
      await running.configure(setting.document);
    },
    tearDown: async () => setting?.stop(),
  },
  (theSwitch) => {
    const asked = [
      { code: '401', kind: 'challenges401', name: 'Authorization', other: 'Proxy-Authorization' },
      { code: '407', kind: 'challenges407', name: 'Proxy-Authorization', other: 'Authorization' },
    ] as const;
    for (const { code, kind, name, other } of asked) {
      test(`AUTH-11 a ${code} is answered in ${name}`, async () => {
        const result = await callAsTrunk(theSwitch(), numbers[kind], { pauseMs: 1000 });
        assert.equal(finalResponse(result).status, 200, result.output);
        const invites = await invitesTo(kind);
        assert.equal(invites.length, 2);
        const [first, second] = invites;
        assert.ok(first !== undefined && second !== undefined);
        assert.equal(header(first, name), undefined);
        assert.equal(header(second, other), undefined);
        assert.ok(hasRightDigest(second, name, carrierCredentials), header(second, name));
        const cdr = await theSwitch().api.cdrOf(sipCallId(result));
        assert.equal(cdr.price, '0.0123');
      });
    }

    test('AUTH-11 a wrong password is tried once and is a failure of that gateway', async () => {
      const result = await callAsTrunk(theSwitch(), numbers.refusesPassword);
      assert.ok((finalResponse(result).status ?? 0) >= 400, finalResponse(result).start);
      assert.notEqual(finalResponse(result).status, 401);
      assert.notEqual(finalResponse(result).status, 407);
      const cdr = await theSwitch().api.cdrOf(sipCallId(result));
      assert.deepEqual(
        cdr.attempts.map(({ gateway, code }) => [gateway, code]),
        [['carrier-wrong', 407]],
      );
      assert.equal((await invitesTo('refusesPassword')).length, 2);
      const { text } = await theSwitch().api.explain(sipCallId(result));
      assert.ok(text.includes('carrier-wrong') && text.includes('407'), text);
      assert.ok(!text.includes(carrierCredentials.password), text);
    });

    async function invitesTo(kind: 'challenges401' | 'challenges407' | 'refusesPassword') {
      const messages = (await setting?.carriers.get(kind)?.messages()) ?? [];
      return messages.filter((m) => m.direction === 'received' && m.method === 'INVITE');
    }
  },
);
