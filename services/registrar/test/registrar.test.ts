import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { silentJournal } from '@tandem/events';
import { ListRegistrationsRequest, RegistrationFilter } from '@tandem/proto/registrar';
import type { RegisterResponse } from '@tandem/proto/registrar';
import { silentLogger } from '@tandem/service';
import { MemoryBindingStore } from '../src/adapters/memory-binding-store.ts';
import { phonesOf } from '../src/core/policy.ts';
import type { Phones } from '../src/core/policy.ts';
import { Registrar } from '../src/registrar.ts';
import { RegistrationLists } from '../src/registration-lists.ts';
import { NOON, requestOf } from './requests.ts';
import type { RequestParts } from './requests.ts';

const document = {
  rateGroups: [{ name: 'standard', currency: 'USD' }],
  accounts: [
    { name: 'demo', rateGroup: 'standard' },
    { name: 'other', rateGroup: 'standard' },
  ],
  phones: [
    ...Array.from({ length: 120 }, (_, at) => ({
      username: String(1001 + at),
      password: 'p',
      account: at < 100 ? 'demo' : 'other',
    })),
    {
      username: 'office',
      password: 'p',
      account: 'other',
      registration: { minExpires: 30, maxExpires: 90, maxBindings: 3 },
    },
  ],
  mappingGateways: [
    {
      name: 'site',
      account: 'other',
      authentication: { mode: 'password', password: 'p' },
      registration: { maxBindings: 2 },
    },
    { name: 'trunk', account: 'demo', authentication: { mode: 'password', password: 'p' } },
  ],
  routingGateways: [
    { name: 'site', type: 'dynamic', prefixes: ['49'] },
    { name: 'gsm', type: 'dynamic', prefixes: ['44'], password: 'p' },
  ],
};

function open(parameters: Record<string, number> = { SS_ENDPOINT_EXPIRE_SPREAD: 0 }) {
  const clock = { nowMs: NOON };
  const store = new MemoryBindingStore(() => clock.nowMs);
  let phones: Phones | undefined = phonesOf(
    configurationSchema.parse({ ...document, parameters }),
    1,
  );
  const logger = silentLogger();
  const journal = silentJournal;
  const parts = { store, phones: () => phones, random: () => 0.5, journal, logger };
  const registrar = new Registrar(parts);
  const lists = new RegistrationLists(parts, registrar);
  return {
    clock,
    store,
    registrar,
    register: (parts_: RequestParts) => registrar.register(requestOf(parts_)),
    list: (
      filter: Partial<RegistrationFilter> = {},
      more: Partial<ListRegistrationsRequest> = {},
    ) =>
      lists.list(
        ListRegistrationsRequest.create({ filter: RegistrationFilter.create(filter), ...more }),
      ),
    remove: (filter: Partial<RegistrationFilter>, contact = '') =>
      lists.remove({
        filter: RegistrationFilter.create(filter),
        contact,
        operator: 'test',
      }),
    forgetConfiguration: () => {
      phones = undefined;
    },
  };
}

function contactsOf({ outcome }: RegisterResponse) {
  assert.equal(outcome?.$case, 'registered');
  return outcome.value.contacts.map(({ uri, expires }) => [uri, expires]);
}

function refusalOf({ outcome }: RegisterResponse) {
  assert.equal(outcome?.$case, 'refused');
  return outcome.value;
}

test('REG-01 who registers is found, who unregisters is not', async () => {
  const { register, registrar } = open();
  assert.deepEqual(contactsOf(await register({ expires: 600 })), [['sip:1001@192.0.2.7', 600]]);
  const found = await registrar.locate({ phone: '1001', traceParent: '', device: undefined });
  assert.deepEqual(
    found.bindings.map(({ target }) => target?.addresses),
    [['192.0.2.7:5060']],
  );
  assert.deepEqual(contactsOf(await register({ expires: 0, cseq: 2 })), []);
  assert.deepEqual(
    (await registrar.locate({ phone: '1001', traceParent: '', device: undefined })).bindings,
    [],
  );
});

test('REG-01 a phone’s own range and number of devices count before the parameters', async () => {
  const { register } = open();
  const office = { phone: 'office', contacts: ['sip:a@192.0.2.7'] };
  assert.equal(contactsOf(await register({ ...office, expires: 30 }))[0]?.[1], 30);
  assert.equal(contactsOf(await register({ ...office, cseq: 2 }))[0]?.[1], 90);
  assert.equal(refusalOf(await register({ ...office, expires: 29, cseq: 3 })).minExpires, 30);
  await register({ ...office, contacts: ['sip:b@192.0.2.8'], sipCallId: 'b' });
  const third = await register({ ...office, contacts: ['sip:c@192.0.2.9'], sipCallId: 'c' });
  assert.equal(contactsOf(third).length, 3);
});

test('REG-03 the parameters of the configuration count', async () => {
  const { register } = open({
    SERVER_REGISTRAR_MAX_BINDINGS: 2,
    SS_ENDPOINT_REGISTER_REPLACE: 0,
    SS_ENDPOINT_EXPIRE_MIN: 120,
    SS_ENDPOINT_EXPIRE_MAX: 600,
    SS_ENDPOINT_NAT_EXPIRE: 180,
    SS_ENDPOINT_EXPIRE_SPREAD: 20,
  });
  const at = (host: string, expires?: number) =>
    register({ contacts: [`sip:1001@${host}`], sipCallId: host, expires });
  assert.equal(refusalOf(await at('192.0.2.7', 119)).cause, 'IntervalTooBrief');
  assert.equal(contactsOf(await at('192.0.2.7'))[0]?.[1], 540);
  assert.equal(contactsOf(await at('10.0.0.1')).at(-1)?.[1], 162);
  assert.equal(refusalOf(await at('192.0.2.8')).cause, 'BindingsFull');
});

test('DENY-09 a phone that is not configured registers nowhere and is nowhere', async () => {
  const { register, registrar, forgetConfiguration } = open();
  assert.equal(refusalOf(await register({ phone: 'nobody' })).cause, 'UserNotFound');
  assert.deepEqual(
    (await registrar.locate({ phone: 'nobody', traceParent: '', device: undefined })).bindings,
    [],
  );
  forgetConfiguration();
  await assert.rejects(
    register({}),
    (error) => error instanceof SwitchError && error.code === 'SWITCH_SERVICE_UNAVAILABLE',
  );
});

test('REG-01 many registrations of one phone at once are done one after the other', async () => {
  const { register, store } = open({ SERVER_REGISTRAR_MAX_BINDINGS: 100 });
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, at) =>
      register({ contacts: [`sip:1001@192.0.2.${String(at + 1)}`], sipCallId: String(at) }),
    ),
  );
  assert.ok(answers.every(({ outcome }) => outcome?.$case === 'registered'));
  assert.equal((await store.read('1001')).bindings.length, 12);
});

test('REG-01 what has lapsed is swept, from the lists too', async () => {
  const { clock, list, register, registrar, store } = open();
  await register({ expires: 60 });
  await register({ phone: '1002', expires: 600 });
  assert.equal(await registrar.sweep(), 0);
  clock.nowMs += 66_000;
  assert.equal((await list()).registrations.length, 1);
  assert.equal(await registrar.sweep(), 1);
  assert.deepEqual((await store.read('1001')).bindings, []);
  assert.equal((await list()).total, 1);
});

async function registerSome({ register }: ReturnType<typeof open>): Promise<void> {
  for (let at = 0; at < 110; at++) {
    const host = `192.0.2.${String(at + 1)}`;
    await register({
      phone: String(1001 + at),
      contacts: [`sip:x@${host}`],
      source: `${host}:5060`,
      userAgent: at % 2 === 0 ? 'Snom 300' : 'baresip 1.0',
      expires: 60 + at,
    });
  }
}

test('REG-05 registrations are listed in pages by phone, source, User-Agent and expiry', async () => {
  const under = open();
  await registerSome(under);
  const { list } = under;
  const first = await list();
  assert.equal(first.total, 110);
  assert.equal(first.registrations.length, 50);
  assert.deepEqual(
    [first.registrations[0]?.phone, first.registrations[0]?.account],
    ['1001', 'demo'],
  );
  for (const sort of ['', 'phone', 'source', 'user-agent', 'expires']) {
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await list({}, { sort, cursor, limit: 40 });
      seen.push(...page.registrations.map(({ phone }) => phone));
      cursor = page.nextCursor;
    } while (cursor !== '');
    assert.equal(seen.length, 110, sort);
    assert.equal(new Set(seen).size, 110);
    if (sort === 'user-agent') assert.deepEqual(seen.slice(0, 2), ['1002', '1004']);
    if (sort === 'expires') assert.deepEqual(seen, seen.toSorted());
  }
});

test('REG-05 registrations are filtered by phone, block, account, User-Agent and status, and by several of them', async () => {
  const under = open();
  await registerSome(under);
  const { clock, list } = under;
  const phones = async (filter: Partial<RegistrationFilter>, sort = '') =>
    (await list(filter, { limit: 1000, sort })).registrations.map(({ phone }) => phone);
  assert.deepEqual(await phones({ phone: '1005' }), ['1005']);
  assert.equal((await phones({ phone: '101*' })).length, 10);
  assert.deepEqual(await phones({ source: '192.0.2.4/31' }), ['1004', '1005']);
  assert.deepEqual(await phones({ source: '192.0.2.9' }), ['1009']);
  assert.equal((await phones({ account: 'other' })).length, 10);
  assert.equal((await phones({ userAgent: 'SNOM' })).length, 55);
  for (const sort of ['', 'phone', 'source', 'user-agent', 'expires']) {
    const several = { source: '192.0.2.0/27', userAgent: 'snom', account: 'demo', phone: '10*' };
    assert.equal((await phones(several, sort)).length, 16, sort);
  }
  // Found by what a filter leaves, listed as is asked for.
  const snoms = await phones({ userAgent: 'snom' }, 'phone');
  assert.deepEqual(snoms, snoms.toSorted());
  const later = await phones({ source: '192.0.2.0/27' }, 'expires');
  assert.deepEqual(later, later.toSorted());
  assert.deepEqual(await phones({ status: 'unregistered', account: 'demo' }), []);
  // Two gateways are there, too.
  assert.equal((await phones({ status: 'unregistered' })).length, 13);
  clock.nowMs += 58_000;
  assert.deepEqual(await phones({ status: 'expiring' }), ['1001', '1002', '1003', '1004', '1005']);
  assert.equal((await phones({ status: 'registered' })).length, 105);
});

test('REG-05 one contact, or all registrations that match, are removed', async () => {
  const under = open();
  await registerSome(under);
  const { list, remove } = under;
  assert.deepEqual(await remove({ phone: '1003' }, 'sip:nobody@192.0.2.3'), { removed: 0 });
  assert.deepEqual(await remove({ phone: '1003' }, 'sip:x@192.0.2.3'), { removed: 1 });
  assert.deepEqual(await remove({ userAgent: 'snom', account: 'demo' }), { removed: 49 });
  assert.equal((await list()).total, 60);
  assert.deepEqual(await remove({}), { removed: 60 });
  assert.equal((await list()).total, 0);
});

test('REG-10 ROUTE-02 dynamic gateways register as phones do, a gateway that is not dynamic does not; once one is gone it is told since when', async () => {
  const { clock, register, registrar } = open();
  for (const [phone, outcome] of [
    ['site', 'registered'],
    ['gsm', 'registered'],
    ['trunk', 'refused'],
  ] as const) {
    const answer = await register({ phone, contacts: [`sip:${phone}@192.0.2.7`] });
    assert.equal(answer.outcome?.$case, outcome, phone);
  }
  const located = await registrar.locate({ phone: 'gsm', device: undefined, traceParent: '' });
  assert.deepEqual(
    [located.bindings.map(({ contact }) => contact), located.goneMs],
    [['sip:gsm@192.0.2.7'], 0],
  );
  clock.nowMs += 5000;
  await register({ phone: 'gsm', contacts: [{ uri: 'sip:gsm@192.0.2.7', expires: 0 }], cseq: 2 });
  assert.deepEqual(await registrar.locate({ phone: 'gsm', device: undefined, traceParent: '' }), { bindings: [], goneMs: clock.nowMs }); // prettier-ignore
  // Of phones it is not kept: there may be a million.
  await register({ contacts: ['sip:1001@192.0.2.7'] });
  await register({ contacts: [{ uri: 'sip:1001@192.0.2.7', expires: 0 }], cseq: 2 });
  assert.equal(
    (await registrar.locate({ phone: '1001', device: undefined, traceParent: '' })).goneMs,
    0,
  );
});

test('REG-05 REG-10 OPS-06 gateways are listed by themselves, registered or not, and counted', async () => {
  const { list, register, registrar } = open();
  await register({ contacts: ['sip:1001@192.0.2.7'] });
  await register({ phone: 'site', contacts: ['sip:site@192.0.2.7'] });
  assert.deepEqual(await registrar.countGateways(), { registered: 1, unregistered: 1 });
  const rows = async (filter: Partial<RegistrationFilter>) =>
    (await list(filter)).registrations.map(({ account, kind, phone }) => [phone, kind, account]);
  assert.deepEqual(await rows({ kind: 'gateway' }), [['site', 'gateway', 'other']]);
  assert.deepEqual(await rows({ kind: 'phone' }), [['1001', 'phone', 'demo']]);
  assert.deepEqual(await rows({ kind: 'gateway', status: 'unregistered' }), [
    ['gsm', 'gateway', ''],
  ]);
});

test('REG-01 RFC 5627 one device of a phone is found by its instance, in any case, and by the session that it has now', async () => {
  const { clock, register, registrar } = open({
    SS_ENDPOINT_EXPIRE_SPREAD: 0,
    SERVER_REGISTRAR_MAX_BINDINGS: 2,
  });
  const desk = { contacts: [{ uri: 'sip:1001@192.0.2.7', instance: '<urn:uuid:AB>' }] };
  const soft = { contacts: [{ uri: 'sip:1001@192.0.2.8', instance: '<urn:uuid:CD>' }] };
  const sessionAt = async (parts: RequestParts): Promise<number> => {
    const { outcome } = await register(parts);
    assert.equal(outcome?.$case, 'registered');
    return outcome.value.contacts.find(({ uri }) => uri === 'sip:1001@192.0.2.7')?.session ?? 0;
  };
  const found = async (instance: string, session = 0) => {
    const device = { instance, session };
    const { bindings } = await registrar.locate({ phone: '1001', traceParent: '', device });
    return bindings.map(({ contact }) => contact);
  };
  const first = await sessionAt(desk);
  await register({ ...soft, sipCallId: 'soft' });
  assert.deepEqual(await found('urn:uuid:ab'), ['sip:1001@192.0.2.7']);
  assert.deepEqual(await found('urn:uuid:cd'), ['sip:1001@192.0.2.8']);
  assert.deepEqual(await found('urn:uuid:ef'), []);
  clock.nowMs += 1000;
  assert.equal(await sessionAt({ ...desk, cseq: 2 }), first);
  assert.deepEqual(await found('urn:uuid:ab', first), ['sip:1001@192.0.2.7']);
  // §3.2: another Call-ID, or registering anew, ends what was given before.
  const second = await sessionAt({ ...desk, sipCallId: 'restarted' });
  assert.notEqual(second, first);
  assert.deepEqual(await found('urn:uuid:ab', first), []);
  await register({ ...desk, sipCallId: 'restarted', cseq: 2, expires: 0 });
  clock.nowMs += 1000;
  const third = await sessionAt({ ...desk, sipCallId: 'restarted', cseq: 3 });
  assert.equal(new Set([first, second, third]).size, 3);
  assert.deepEqual(await found('urn:uuid:ab', third), ['sip:1001@192.0.2.7']);
});

test('REG-05 REG-10 phones that flap are listed as such, and by that alone', async () => {
  const { clock, list, register } = open();
  await register({ phone: '1002', contacts: ['sip:1002@192.0.2.9'] });
  for (const user of ['a', 'b', 'a', 'b']) {
    clock.nowMs += 1000;
    await register({
      contacts: [`sip:${user}@192.0.2.7`],
      sipCallId: `${user} ${String(clock.nowMs)}`,
    });
  }
  const rows = async (filter: Partial<RegistrationFilter>) =>
    (await list(filter)).registrations.map(({ phone, status, takeovers }) => [
      phone,
      status,
      takeovers,
    ]);
  assert.deepEqual(await rows({ status: 'flapping' }), [['1001', 'flapping', 3]]);
  assert.deepEqual(await rows({}), [
    ['1001', 'flapping', 3],
    ['1002', 'registered', 0],
  ]);
  clock.nowMs += 600_000;
  assert.deepEqual(await rows({ status: 'flapping' }), []);
});
