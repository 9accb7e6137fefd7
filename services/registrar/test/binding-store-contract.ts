import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { seededRandom } from '@tandem/testing';
import type { Binding } from '../src/core/binding.ts';
import { addressKey, agentKey } from '../src/core/index-keys.ts';
import { shortHash } from '../src/core/short-hash.ts';
import type { BindingStore, IndexQuery } from '../src/ports.ts';

export function bindingOf(parts: Partial<Binding>): Binding {
  return {
    contact: 'sip:1@192.0.2.1',
    expiresMs: 0,
    registeredMs: 0,
    refreshedMs: 0,
    q: 1000,
    sipCallId: '',
    cseq: 0,
    request: 0,
    instance: '',
    regId: 0,
    path: [],
    source: '192.0.2.1:5060',
    transport: 'udp',
    flow: '',
    local: '',
    userAgent: 'baresip',
    edge: '',
    isBehindNat: false,
    missed: 0,
    isUnreachable: false,
    answeredMs: 0,
    rttMs: 0,
    takeovers: 0,
    takenOverMs: 0,
    ...parts,
  };
}

/** What every adapter of BindingStore does. */
export function bindingStoreContract(name: string, open: () => Promise<BindingStore>): void {
  async function put(store: BindingStore, phone: string, bindings: readonly Binding[]) {
    assert.equal(await store.write(phone, await store.read(phone), bindings), undefined);
  }
  async function phones(store: BindingStore, query: Partial<IndexQuery>) {
    const entries = await store.list({ index: 'phone', limit: 100, ...query });
    return entries.map(({ phone }) => phone);
  }

  suite(`BindingStore: ${name}`, () => {
    test('ROUTE-02 that a gateway is gone is kept with its time, by the clock of the store', async () => {
      const store = await open();
      assert.equal(await store.goneSince('site'), 0);
      await store.noteGone('other');
      assert.equal(await store.goneSince('site'), 0);
      await store.noteGone('site');
      const { nowMs } = await store.read('site');
      const goneMs = await store.goneSince('site');
      assert.ok(goneMs > nowMs - 60_000 && goneMs <= nowMs, String(goneMs));
    });

    test('REG-01 bindings are read as they were written', async () => {
      const store = await open();
      assert.deepEqual((await store.read('1001')).bindings, []);
      const later = (await store.read('1001')).nowMs + 60_000;
      const bindings = [
        bindingOf({ expiresMs: later, path: ['<sip:p;lr>'], request: 0xffff_ffff, cseq: 7 }),
        bindingOf({ contact: 'sip:ü@192.0.2.2', expiresMs: later, userAgent: 'Ünïcode ☎' }),
        bindingOf({
          contact: 'sip:1001@10.0.0.1;ob',
          source: '255.255.255.255:65535',
          transport: 'ws',
          registeredMs: later - 900_001,
          refreshedMs: later - 60_000,
          expiresMs: later,
          q: 0,
          regId: 2,
          instance: '<urn:uuid:1>',
          isBehindNat: true,
          missed: 2,
          isUnreachable: true,
          answeredMs: later - 90_000,
          rttMs: 31,
          takeovers: 3,
          takenOverMs: later - 75_000,
        }),
        bindingOf({ contact: 'sip:1001@', source: '[2001:db8::1]:5060', expiresMs: later }),
      ];
      await put(store, '1001', bindings);
      assert.deepEqual((await store.read('1001')).bindings, bindings);
      assert.equal(await store.count(), 1);
      await put(store, '1001', []);
      assert.deepEqual((await store.read('1001')).bindings, []);
      assert.equal(await store.count(), 0);
    });

    test('REG-01 of two that have read the same one writes, and the other is told what there is now', async () => {
      const store = await open();
      const before = await store.read('1001');
      const expiresMs = before.nowMs + 60_000;
      const results = await Promise.all(
        [1, 2, 3].map((cseq) => store.write('1001', before, [bindingOf({ cseq, expiresMs })])),
      );
      const losers = results.filter((result) => result !== undefined);
      assert.equal(losers.length, 2);
      const { bindings } = await store.read('1001');
      for (const loser of losers) assert.deepEqual(loser.bindings, bindings);
      const [loser] = losers;
      assert.ok(loser !== undefined);
      assert.equal(await store.write('1001', loser, []), undefined);
    });

    test('REG-05 lists are in the order of their index, in pages, whole', async () => {
      const store = await open();
      const { nowMs } = await store.read('x');
      const names = Array.from({ length: 60 }, (_, at) => String(1000 + at));
      for (const [at, phone] of names.entries()) {
        const source = `192.0.2.${String(200 - at)}:5060`;
        const expiresMs = nowMs + 60_000 + ((at * 7) % 60) * 1000;
        await put(store, phone, [
          bindingOf({ source, expiresMs, userAgent: at % 2 === 0 ? 'Zoiper 5' : 'baresip 1' }),
        ]);
      }
      assert.deepEqual(await phones(store, {}), names);
      assert.deepEqual(await phones(store, { index: 'source' }), names.toReversed());
      const byExpiry = names.toSorted(
        (a, b) => (((Number(a) - 1000) * 7) % 60) - (((Number(b) - 1000) * 7) % 60),
      );
      assert.deepEqual(await phones(store, { index: 'expires' }), byExpiry);
      for (const index of ['phone', 'source', 'user-agent', 'expires'] as const) {
        const whole = await store.list({ index, limit: 100 });
        const paged = [];
        let after: string | undefined;
        for (;;) {
          const page = await store.list({ index, limit: 7, after });
          paged.push(...page);
          after = page.at(-1)?.key;
          if (page.length < 7) break;
        }
        assert.deepEqual(paged, whole);
        assert.equal(whole.length, 60);
      }
    });

    test('REG-05 lists are whole and in order however many come and go', async () => {
      const store = await open();
      const expiresMs = (await store.read('x')).nowMs + 60_000;
      const random = seededRandom(7);
      // Enough in each of two shards for an index of several leaves.
      const names = Array.from({ length: 6000 }, () => String(Math.floor(random() * 1e7))).filter(
        (each) => shortHash(each) % 16 < 2,
      );
      const isIn = (phone: string) => Number(phone) % 2 === 0;
      const write = (wanted: (phone: string) => boolean) =>
        Promise.all(
          [...new Set(names)].map(async (phone) => {
            const source = `10.0.${String(Number(phone) & 255)}.${String(phone.length)}:5060`;
            const bindings = wanted(phone) ? [bindingOf({ source, expiresMs })] : [];
            await store.write(phone, await store.read(phone), bindings);
          }),
        );
      const whole = async (query: Partial<IndexQuery>) => phones(store, { limit: 1e6, ...query });
      await write(() => true);
      const all = [...new Set(names)].toSorted();
      assert.deepEqual(await whole({}), all);
      assert.equal(await store.count(), all.length);
      await write(isIn);
      assert.deepEqual(await whole({}), all.filter(isIn));
      assert.deepEqual((await whole({ index: 'source' })).toSorted(), all.filter(isIn));
      const some = all.filter((each) => isIn(each) && each.startsWith('12'));
      assert.deepEqual(await whole({ from: '12', to: '12' }), some);
      assert.deepEqual(await whole({ after: some.at(-2), limit: 1 }), some.slice(-1));
      await write(() => false);
      assert.deepEqual(await whole({}), []);
      assert.equal(await store.count(), 0);
      await write((each) => !isIn(each));
      assert.deepEqual(
        await whole({}),
        all.filter((each) => !isIn(each)),
      );
    });

    test('REG-05 phones are found by the beginning of their name, by address block and by User-Agent', async () => {
      const store = await open();
      const expiresMs = (await store.read('x')).nowMs + 60_000;
      const at = (source: string, userAgent = 'A') => [bindingOf({ source, userAgent, expiresMs })];
      await put(store, '1001', at('192.0.2.1:5060', 'Snom 300'));
      await put(store, '1002', at('192.0.3.1:5060', 'snom 400'));
      await put(store, '10021', [
        ...at('[2001:db8::1]:5060', 'X-Lite'),
        ...at('192.0.2.9:5061', 'X-Lite'),
      ]);
      assert.deepEqual(await phones(store, { from: '1002', to: '1002' }), ['1002', '10021']);
      const block = (first: bigint, last: bigint, version: 4 | 6 = 4) => ({
        index: 'source' as const,
        from: addressKey(version, first),
        to: addressKey(version, last),
      });
      assert.deepEqual(await phones(store, block(0xc000_0200n, 0xc000_02ffn)), ['1001', '10021']);
      assert.deepEqual(await phones(store, block(0xc000_0301n, 0xc000_0301n)), ['1002']);
      assert.deepEqual(await phones(store, block(0n, (1n << 128n) - 1n, 6)), ['10021']);
      const agent = { index: 'user-agent' as const, from: agentKey('SNOM'), to: agentKey('SNOM') };
      assert.deepEqual(await phones(store, agent), ['1001', '1002']);
      await put(store, '1001', at('192.0.2.1:5060', 'other'));
      await put(store, '10021', []);
      assert.deepEqual(await phones(store, agent), ['1002']);
      assert.deepEqual(await phones(store, block(0xc000_0200n, 0xc000_02ffn)), ['1001']);
    });

    test('REG-04 the turn of keep-alives comes to each phone behind NAT once in a round, whoever asks', async () => {
      const store = await open();
      const expiresMs = (await store.read('x')).nowMs + 60_000;
      const names = Array.from({ length: 40 }, (_, at) => String(1000 + at));
      for (const phone of names) {
        await put(store, phone, [bindingOf({ expiresMs, isBehindNat: phone !== '1007' })]);
      }
      await put(store, '2000', [bindingOf({ expiresMs, isBehindNat: true, path: ['<sip:p;lr>'] })]);
      // A round is made up for as a whole where it is that short.
      const first = await store.turn(2000);
      const turned = first.map(({ phone }) => phone).toSorted();
      assert.deepEqual(
        turned,
        names.filter((phone) => phone !== '1007'),
      );
      const [one] = first;
      assert.deepEqual(one?.held.bindings, [bindingOf({ expiresMs, isBehindNat: true })]);
      assert.equal(await store.write(one.phone, one.held, []), undefined);
      // So soon it is hardly anybody's turn again.
      assert.ok((await store.turn(600_000)).length < 20);
    });

    test('REG-02 REG-04 phones are found by their connection, and those that cannot be reached', async () => {
      const store = await open();
      const expiresMs = (await store.read('x')).nowMs + 60_000;
      const at = (flow: string, isUnreachable = false) => [
        bindingOf({ expiresMs, flow, isUnreachable }),
      ];
      await put(store, '1001', at('10.0.0.3:7000;17'));
      await put(store, '1002', at('10.0.0.3:7000;171', true));
      await put(store, '1003', at('10.0.0.3:7000;0'));
      const by = (flow: string) => phones(store, { index: 'flow', from: flow, to: flow });
      assert.deepEqual(await by('10.0.0.3:7000;17\u0001'), ['1001']);
      assert.deepEqual(await by('10.0.0.3:7000;'), ['1001', '1002']);
      assert.deepEqual(await phones(store, { index: 'unreachable' }), ['1002']);
      await put(store, '1002', at(''));
      assert.deepEqual(await by('10.0.0.3:7000;'), ['1001']);
      assert.deepEqual(await phones(store, { index: 'unreachable' }), []);
    });

    test('REG-01 phones with a binding past its time are found, the others are not', async () => {
      const store = await open();
      const { nowMs } = await store.read('x');
      await put(store, '1001', [
        bindingOf({ expiresMs: nowMs - 6000 }),
        bindingOf({ contact: 'sip:2@192.0.2.2', expiresMs: nowMs + 60_000 }),
      ]);
      await put(store, '1002', [bindingOf({ expiresMs: nowMs - 1000 })]);
      await put(store, '1003', [bindingOf({ expiresMs: nowMs + 60_000 })]);
      assert.deepEqual(await store.lapsed(10), ['1001']);
    });
  });
}
