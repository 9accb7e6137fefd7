import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import type { JournalNote } from '@tandem/domain';
import type { Journal } from '@tandem/events';
import { ListRegistrationsRequest, RegistrationFilter } from '@tandem/proto/registrar';
import type { KeepaliveResult } from '@tandem/proto/registrar';
import { silentLogger } from '@tandem/service';
import { MemoryBindingStore } from '../src/adapters/memory-binding-store.ts';
import { phonesOf } from '../src/core/policy.ts';
import { EndedFlows } from '../src/ended-flows.ts';
import { Keepalives } from '../src/keepalives.ts';
import { Registrar } from '../src/registrar.ts';
import { RegistrationLists } from '../src/registration-lists.ts';
import { NOON, requestOf } from './requests.ts';
import type { RequestParts } from './requests.ts';

const CONTACT = 'sip:1001@10.0.0.7';

function open(parameters: Record<string, number> = {}) {
  const clock = { nowMs: NOON };
  const store = new MemoryBindingStore(() => clock.nowMs);
  const phones = phonesOf(
    configurationSchema.parse({
      parameters: { SERVER_REGISTRAR_MAX_BINDINGS: 3, SS_ENDPOINT_EXPIRE_SPREAD: 0, ...parameters },
      rateGroups: [{ name: 'standard', currency: 'USD' }],
      accounts: [{ name: 'demo', rateGroup: 'standard' }],
      phones: Array.from({ length: 60 }, (_, at) => ({
        username: String(1001 + at),
        password: 'p',
        account: 'demo',
      })),
    }),
    1,
  );
  const notes: JournalNote[] = [];
  const journal: Journal = { note: (note) => notes.push(note), level: () => undefined };
  const parts = { store, phones: () => phones, random: () => 0, journal, logger: silentLogger() };
  const registrar = new Registrar(parts);
  const keepalives = new Keepalives(parts, registrar);
  const lists = new RegistrationLists(parts, registrar);
  const tell = async (result: Partial<KeepaliveResult>): Promise<void> => {
    const whole = { phone: '1001', contact: CONTACT, regId: 0, isAnswered: false, rttMs: 0 };
    await keepalives.exchange({ results: [{ ...whole, ...result }], isLeaving: true });
  };
  return {
    clock,
    registrar,
    keepalives,
    tell,
    /** What the journal was told of how registrations ended, and with which facts. */
    ends: () =>
      notes.flatMap(({ account, cause, facts }) =>
        cause === 'keepalive-lost' || cause === 'connection-closed'
          ? [[account, cause, facts]]
          : [],
      ),
    flows: new EndedFlows(parts, registrar),
    register: (request: RequestParts = {}) =>
      registrar.register(requestOf({ contacts: [CONTACT], ...request })),
    contacts: async () => {
      const { bindings } = await registrar.locate({
        phone: '1001',
        traceParent: '',
        device: undefined,
      });
      return bindings.map(({ contact }) => contact);
    },
    list: async (status = '') => {
      const filter = RegistrationFilter.create({ status });
      return (await lists.list(ListRegistrationsRequest.create({ filter }))).registrations;
    },
  };
}

test('REG-04 each phone behind NAT has its turn once in an interval, spread over it, and no other has', async () => {
  const { clock, keepalives, register } = open();
  for (let at = 0; at < 60; at++) {
    const phone = String(1001 + at);
    const host = at === 0 ? '192.0.2.7' : '10.0.0.7';
    await register({ phone, contacts: [`sip:${phone}@${host}`], sipCallId: phone });
  }
  const ask = async () => (await keepalives.exchange({ results: [], isLeaving: false })).due;
  await ask();
  const seen: string[] = [];
  let most = 0;
  for (let ms = 0; ms < 30_000; ms += 500) {
    clock.nowMs += 500;
    const due = await ask();
    // Two pods may ask: what one has the other has not.
    assert.deepEqual(await ask(), []);
    most = Math.max(most, due.length);
    seen.push(...due.map(({ phone }) => phone));
  }
  assert.equal(seen.length, 59);
  assert.equal(new Set(seen).size, 59);
  assert.ok(!seen.includes('1001'));
  assert.ok(most < 10, String(most));
  // After an outage not all are due at once.
  clock.nowMs += 600_000;
  assert.ok((await ask()).length < 30);
});

test('REG-04 what a pod has taken that is killed then comes to another in the next round, and counts for nothing', async () => {
  const { clock, keepalives, list, register } = open({ SS_ENDPOINT_KEEPALIVE_LIMIT: 1 });
  await register();
  const round = async () => {
    let taken = 0;
    for (let ms = 0; ms < 30_000; ms += 1000) {
      clock.nowMs += 1000;
      taken += (await keepalives.exchange({ results: [], isLeaving: false })).due.length;
    }
    return taken;
  };
  await round();
  // Whoever has asked is gone: it tells nothing.
  assert.deepEqual([await round(), await round()], [1, 1]);
  assert.deepEqual((await list()).map(({ missed, status }) => [missed, status]), [[0, 'registered']]); // prettier-ignore
});

test('REG-04 SS_ENDPOINT_KEEPALIVE_INTERVAL 0: none are due; a pod that leaves gets none', async () => {
  const none = open({ SS_ENDPOINT_KEEPALIVE_INTERVAL: 0 });
  await none.register();
  assert.deepEqual(await none.keepalives.exchange({ results: [], isLeaving: false }), { due: [] });
  const leaving = open();
  await leaving.register();
  leaving.clock.nowMs += 600_000;
  assert.deepEqual(await leaving.keepalives.exchange({ results: [], isLeaving: true }), {
    due: [],
  });
});

test('REG-04 who leaves SS_ENDPOINT_KEEPALIVE_LIMIT in a row unanswered is unreachable, is listed so and called last, until any answer', async () => {
  const { contacts, ends, list, register, tell } = open({ SS_ENDPOINT_KEEPALIVE_LIMIT: 2 });
  const other = 'sip:1001@10.0.0.8';
  await register({ contacts: [{ uri: other, q: 100 }], sipCallId: 'other' });
  await register();
  await tell({});
  assert.deepEqual(await contacts(), [CONTACT, other]);
  await tell({ isAnswered: true, rttMs: 31 });
  await tell({});
  assert.deepEqual(await list('unreachable'), []);
  await tell({});
  assert.deepEqual(await contacts(), [other, CONTACT]);
  const [lost] = await list('unreachable');
  assert.deepEqual([lost?.contact, lost?.status, lost?.missed], [CONTACT, 'unreachable', 2]);
  assert.deepEqual([lost?.answeredMs, lost?.rttMs], [NOON, 31]);
  // REG-11
  assert.deepEqual(ends(), [['demo', 'keepalive-lost', { contact: CONTACT, unanswered: 2 }]]);
  // It registers still, from the same place: it cannot be reached all the same.
  await register({ cseq: 2 });
  assert.deepEqual(await contacts(), [other, CONTACT]);
  await tell({ isAnswered: true, rttMs: 9 });
  assert.deepEqual(await contacts(), [CONTACT, other]);
  assert.deepEqual(await list('unreachable'), []);
});

test('REG-04 from another place a phone begins anew; what is told of a binding that is gone changes nothing', async () => {
  const { list, register, tell } = open({ SS_ENDPOINT_KEEPALIVE_LIMIT: 1 });
  await register();
  await tell({});
  assert.equal((await list('unreachable')).length, 1);
  await register({ cseq: 2, source: '198.51.100.1:4000' });
  assert.equal((await list('unreachable')).length, 0);
  await tell({ contact: 'sip:gone@10.0.0.9' });
  await tell({ phone: '1002' });
  assert.deepEqual((await list()).map(({ status }) => status), ['registered']); // prettier-ignore
});

test('REG-02 a connection that is gone ends what was bound to it, and a dead pod all of its own; nothing else ends', async () => {
  const { contacts, ends, flows, register } = open();
  const at = (host: string, flow: string, transport = 'tcp') =>
    register({ contacts: [`sip:1001@${host}`], sipCallId: host, flow, transport });
  await at('10.0.0.1', '10.0.0.3:7000;17');
  await at('10.0.0.2', '10.0.0.3:7000;171');
  await at('10.0.0.3', '10.0.0.3:7000;0', 'udp');
  assert.deepEqual(await flows.end({ flows: ['10.0.0.3:7000;17', 'x;1'], gate: '' }), { ended: 1 });
  assert.deepEqual(await contacts(), ['sip:1001@10.0.0.2', 'sip:1001@10.0.0.3']);
  assert.deepEqual(ends(), [
    ['demo', 'connection-closed', { contact: 'sip:1001@10.0.0.1', transport: 'tcp' }],
  ]);
  assert.deepEqual(await flows.end({ flows: [], gate: '10.0.0.3:700' }), { ended: 0 });
  assert.deepEqual(await flows.end({ flows: [], gate: '10.0.0.3:7000' }), { ended: 1 });
  assert.deepEqual(await contacts(), ['sip:1001@10.0.0.3']);
});
