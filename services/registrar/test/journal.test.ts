import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import type { JournalNote } from '@tandem/domain';
import type { Journal } from '@tandem/events';
import { silentLogger } from '@tandem/service';
import { MemoryBindingStore } from '../src/adapters/memory-binding-store.ts';
import { phonesOf } from '../src/core/policy.ts';
import { Registrar } from '../src/registrar.ts';
import { NOON, requestOf } from './requests.ts';
import type { RequestParts } from './requests.ts';

/** A registrar, and what it has told the journal. */
function open(parameters: Record<string, number> = {}) {
  const phones = phonesOf(
    configurationSchema.parse({
      parameters: { SS_ENDPOINT_EXPIRE_SPREAD: 0, ...parameters },
      rateGroups: [{ name: 'standard', currency: 'USD' }],
      accounts: [{ name: 'demo', rateGroup: 'standard' }],
      phones: [{ username: '1001', password: 'p', account: 'demo' }],
    }),
    1,
  );
  const clock = { nowMs: NOON };
  const store = new MemoryBindingStore(() => clock.nowMs);
  const notes: JournalNote[] = [];
  const journal: Journal = { note: (note) => notes.push(note), level: () => undefined };
  const parts = { store, phones: () => phones, random: () => 0, journal };
  const registrar = new Registrar({ ...parts, logger: silentLogger() });
  let requests = 0;
  return {
    clock,
    registrar,
    register: async (changes: RequestParts = {}) => {
      requests += 1;
      const branch = `z9hG4bK-${String(requests)}`;
      await registrar.register(requestOf({ cseq: requests, branch, expires: 600, ...changes }));
    },
    /** Those since the last look: causes with their facts. */
    told: () => notes.splice(0).map(({ cause, facts }) => [cause, facts]),
    notes,
  };
}

const OTHER = { contacts: ['sip:1001@198.51.100.9'], sipCallId: 'call-2', source: '198.51.100.9:5060' }; // prettier-ignore

test('REG-11 a registration is told once, with phone, account, source and User-Agent; what keeps it is counted', async () => {
  const { notes, register, told } = open();
  await register();
  assert.deepEqual(notes[0], {
    cause: 'registered',
    facts: {
      contact: 'sip:1001@192.0.2.7',
      expires: 600,
      transport: 'udp',
      'behind-nat': undefined,
    },
    terminal: '1001',
    account: 'demo',
    sender: 'proved',
    source: '192.0.2.7:5060',
    userAgent: 'baresip v1.0.0',
    callId: 'call-1',
  });
  told();
  await register();
  await register({ source: '192.0.2.7:40000' });
  await register({ contacts: [] });
  assert.deepEqual(told(), [['refreshed', {}], ['refreshed', {}], ['asked', {}]]); // prettier-ignore
});

test('REG-11 a device at another contact or address has moved, and is not taken for another one', async () => {
  const { register, told } = open();
  await register();
  told();
  await register({ source: '203.0.113.5:5060' });
  await register({ contacts: ['sip:1001@203.0.113.5'], source: '203.0.113.5:5060' });
  const before = { 'contact-before': 'sip:1001@192.0.2.7' };
  assert.deepEqual(told(), [
    ['moved', { contact: 'sip:1001@192.0.2.7', ...before, 'source-before': '192.0.2.7:5060' }],
    ['moved', { contact: 'sip:1001@203.0.113.5', ...before, 'source-before': '203.0.113.5:5060' }],
  ]);
});

test('REG-11 a device that takes the place of another is told with both contacts', async () => {
  const { register, told } = open();
  await register();
  told();
  await register(OTHER);
  const [registered, replaced] = told();
  assert.equal(registered?.[0], 'registered');
  assert.deepEqual(replaced, [
    'replaced',
    {
      contact: 'sip:1001@192.0.2.7',
      'source-before': '192.0.2.7:5060',
      by: 'sip:1001@198.51.100.9',
      SERVER_REGISTRAR_MAX_BINDINGS: 1,
    },
  ]);
});

test('REG-11 each refusal is told with the value that decided', async () => {
  const { register, told } = open({ SS_ENDPOINT_REGISTER_REPLACE: 0 });
  await register();
  told();
  await register({ expires: 10 });
  await register(OTHER);
  await register({ cseq: 1, branch: 'z9hG4bK-another' });
  await register({ contacts: ['tel:1001'] });
  assert.deepEqual(told(), [
    ['expiry-too-short', { asked: 10, SS_ENDPOINT_EXPIRE_MIN: 60 }],
    [
      'bindings-full',
      {
        contact: 'sip:1001@198.51.100.9',
        SERVER_REGISTRAR_MAX_BINDINGS: 1,
        registered: 'sip:1001@192.0.2.7',
      },
    ],
    ['out-of-order', { fault: 'sip:1001@192.0.2.7 stands by CSeq 1 of the same Call-ID' }],
    ['malformed', { fault: 'a contact is no SIP URI' }],
  ]);
});

test('REG-11 ends are told: removed by the phone, by an operator, expired; the last two as their phone was', async () => {
  const { clock, notes, register, registrar, told } = open();
  const contact = 'sip:1001@192.0.2.7';
  await register();
  await register({ expires: 0 });
  assert.deepEqual(told().at(-1), ['unregistered', { contact }]);
  await register();
  await registrar.remove('1001', () => true, 'api 192.0.2.99');
  assert.deepEqual(told().at(-1), ['removed-by-operator', { contact, operator: 'api 192.0.2.99' }]);
  await register();
  clock.nowMs += 606_000;
  await Promise.all([registrar.sweep(), registrar.sweep()]);
  const { source, terminal, userAgent } = notes.at(-1) ?? {};
  assert.deepEqual([terminal, source, userAgent], ['1001', '192.0.2.7:5060', 'baresip v1.0.0']);
  assert.deepEqual(told().slice(1), [
    [
      'expired',
      {
        contact,
        'refreshed-at': '2026-06-01T12:00:00.000Z',
        'expired-at': '2026-06-01T12:10:00.000Z',
      },
    ],
  ]);
});
