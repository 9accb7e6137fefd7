import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryAlarmStore } from '../../../src/adapters/memory-alarm-store.ts';
import type { AlarmStore, NewAlarm } from '../../../src/alarm-ports.ts';
import { silentLogger } from '@tandem/service';
import { apiUnderTest, type ApiUnderTest } from '../../api-under-test.ts';

const raisedAt = new Date('2026-11-21T12:00:00Z');
const alarm: NewAlarm = { rule: 'TandemGatewayFails', subject: 'carrier-a', figure: 'gateway-failed', severity: 'page', summary: 'More than half …', note: '', isBuiltIn: true, value: 60, valueText: '60 % of 50 attempts', comparison: 'above', threshold: 50, raisedAt }; // prettier-ignore

async function raise(store: AlarmStore, raised: readonly NewAlarm[]): Promise<void> {
  const lease = await store.lease('test', 60_000);
  assert.ok(lease !== undefined);
  const round = { at: raisedAt, states: new Map(), raised, cleared: [], values: [], samples: new Map(), keptMs: 1, unknown: new Map([['TandemOverload', 'edge does not answer']]) }; // prettier-ignore
  assert.ok(await store.store('test', lease, round, () => []));
}

async function open(): Promise<ApiUnderTest & { told: string[]; alarms: AlarmStore }> {
  const alarms = memoryAlarmStore();
  const told: string[] = [];
  const deliver = ({ name }: { readonly name: string }): Promise<string> => {
    if (name === 'broken') return Promise.reject(new Error('answered 503'));
    told.push(name);
    return Promise.resolve('');
  };
  const api = await apiUnderTest({}, silentLogger(), { alarms: { store: alarms, deliver } });
  const payload = JSON.stringify({
    realm: 'r',
    alarmRules: [{ name: 'TandemLinesFull', enabled: false }],
    alarmChannels: ['noc', 'broken'].map((name) => ({ name, kind: 'webhook', url: 'https://noc.example/' })), // prettier-ignore
  });
  const headers = { 'content-type': 'application/json' };
  const { status, text } = await api.ask({ method: 'POST', url: '/api/v1/configuration', payload, headers }); // prettier-ignore
  assert.equal(status, 200, text);
  return { ...api, told, alarms };
}

test('OPS-11 alarms are listed, told as CSV, acknowledged once, and their deliveries shown', async () => {
  const api = await open();
  await raise(api.alarms, [alarm, { ...alarm, subject: 'carrier-b', severity: 'ticket' }]);
  const list = await api.ask({ url: '/api/v1/alarms' });
  assert.equal(list.status, 200, list.text);
  const { alarms, open: counts } = list.body as { alarms: { id: string; subject: string; runbook: string }[]; open: object }; // prettier-ignore
  assert.deepEqual(alarms.map(({ subject }) => subject), ['carrier-b', 'carrier-a']); // prettier-ignore
  assert.equal(alarms[0]?.runbook, 'docs/runbooks/TandemGatewayFails.md');
  assert.deepEqual(counts, { page: 1, ticket: 1 });
  const csv = await api.ask({ url: '/api/v1/alarms?format=csv&severity=page' });
  assert.match(
    csv.text,
    /^id,state,rule,subject,severity,.*\r\n1,open,TandemGatewayFails,carrier-a,page/,
  );
  const page = await api.ask({ url: '/api/v1/alarms?limit=1' });
  const next = (page.body as { nextCursor: string }).nextCursor;
  const second = await api.ask({ url: `/api/v1/alarms?limit=1&cursor=${next}` });
  assert.deepEqual((second.body as { alarms: { id: string }[] }).alarms.map(({ id }) => id), ['1']); // prettier-ignore

  const acknowledge = { method: 'POST', url: '/api/v1/alarms/1/acknowledge', payload: { note: 'I ring them' } } as const; // prettier-ignore
  const done = await api.ask(acknowledge);
  assert.equal(done.status, 200, done.text);
  const found = done.body as { state: string; acknowledgedBy: string; acknowledgedNote: string };
  assert.deepEqual([found.state, found.acknowledgedBy, found.acknowledgedNote], ['acknowledged', 'api', 'I ring them']); // prettier-ignore
  assert.equal((await api.ask(acknowledge)).status, 409);
  const one = await api.ask({ url: '/api/v1/alarms/1' });
  const { notifications } = one.body as { notifications: { channel: string; kind: string }[] };
  assert.deepEqual(notifications.map(({ channel, kind }) => `${kind} ${channel}`), ['acknowledged noc', 'acknowledged broken']); // prettier-ignore
  assert.equal((await api.ask({ url: '/api/v1/alarms/99' })).status, 404);
  const audit = await api.ask({ url: '/api/v1/audit?operation=acknowledgeAlarm' });
  assert.match(audit.text, /"state\\?":\\?"open/);
});

test('OPS-11 the rules in effect say what is changed and what is not known; a channel is tested', async () => {
  const api = await open();
  await raise(api.alarms, [alarm]);
  const { rules } = (await api.ask({ url: '/api/v1/alarm-rules' })).body as { rules: { name: string; enabled: boolean; isChanged: boolean; open: number; unknown: string }[] }; // prettier-ignore
  const of = (name: string) => rules.find((each) => each.name === name);
  assert.deepEqual(
    [of('TandemLinesFull')?.enabled, of('TandemLinesFull')?.isChanged],
    [false, true],
  );
  assert.equal(of('TandemGatewayFails')?.open, 1);
  assert.equal(of('TandemOverload')?.unknown, 'edge does not answer');

  const tested = (name: string) =>
    api.ask({ method: 'POST', url: `/api/v1/alarm-channels/${name}/test` });
  assert.deepEqual((await tested('noc')).body, {
    channel: 'noc',
    isTaken: true,
    text: 'it was taken',
  });
  assert.deepEqual((await tested('broken')).body, { channel: 'broken', isTaken: false, text: 'answered 503' }); // prettier-ignore
  const unknown = await tested('nocc');
  assert.equal(unknown.status, 404);
  assert.match(unknown.text, /did you mean \\"noc\\"/);
  const { channels } = (await api.ask({ url: '/api/v1/alarm-channels' })).body as { channels: { name: string }[] }; // prettier-ignore
  assert.deepEqual(channels.map(({ name }) => name), ['noc', 'broken']); // prettier-ignore
});
