import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { startAllinone } from '../src/allinone-switch.ts';
import { callAsTrunk } from '../src/calling.ts';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { configuration } from '../src/configuration.ts';
import { freePort } from '../src/free-ports.ts';
import { Carrier } from '../src/sipp.ts';
import type { SwitchApi } from '../src/switch-api.ts';
import { until } from '../src/until.ts';

const CALLEE = '442079460000';
const SECRET = 'of-this-test';
const PATIENT = { timeoutMs: 120_000 };

interface Told {
  readonly id: string;
  readonly kind: string;
  readonly alarms: readonly { readonly rule: string; readonly subject: string }[];
}

/** What a webhook is told, as far as it is signed; and what it was told while it took nothing. */
async function receiver(context: TestContext) {
  const told: Told[] = [];
  const refused: Told[] = [];
  const state = { isOpen: true };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const [seconds = '', given] = String(request.headers['tandem-signature']).replace('t=', '').split(',v1='); // prettier-ignore
      const isRight = createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex') === given; // prettier-ignore
      if (isRight) (state.isOpen ? told : refused).push(JSON.parse(body) as Told);
      response.writeHead(!state.isOpen ? 503 : isRight ? 204 : 401).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}/`, told, refused, state };
}

/** What an api needs to judge each second, and to sign. */
async function alarmVariables(context: TestContext): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-alarms-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const secretFile = join(folder, 'secret');
  await writeFile(secretFile, `${SECRET}\n`);
  return { TANDEM_ALARM_SECONDS: '1', TANDEM_ALARM_WEBHOOK_SECRET_FILE: secretFile };
}

async function ask(api: SwitchApi, path: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' };
  const response = await fetch(`${api.base}/api/v1${path}`, { ...init, headers });
  assert.ok(response.ok, `${path}: ${String(response.status)}`);
  return response.json();
}

test('OPS-11 a gateway that fails raises an alarm; it is told, acknowledged, and ends when calls are answered again', async (context) => {
  const { told, url } = await receiver(context);
  const running = await startAllinone({ env: await alarmVariables(context) });
  context.after(() => running.stop());
  const { api } = running;
  const port = await freePort();
  let carrier = await Carrier.start({ scenario: 'carrier-unavailable', port });
  context.after(() => carrier.stop());
  const document = configuration(port, port);
  document.routingGateways = document.routingGateways.slice(0, 1);
  await running.configure({
    ...document,
    alarmChannels: [{ name: 'noc', kind: 'webhook', url }],
    alarmRules: [
      { name: 'TandemGatewayFails', windowSeconds: 7200, lastingSeconds: 0, endingSeconds: 0, least: 3 }, // prettier-ignore
    ],
  });

  await callAsTrunk(running, CALLEE, { calls: 3 });
  await until('the alarm is told', () => told.some(({ kind }) => kind === 'raised'), PATIENT);
  const [first] = told;
  assert.deepEqual(first?.alarms.map(({ rule, subject }) => [rule, subject]), [['TandemGatewayFails', 'carrier-a']]); // prettier-ignore
  const { alarms } = (await ask(api, '/alarms')) as { alarms: { id: string; valueText: string }[] };
  assert.equal(alarms.length, 1);
  assert.match(alarms[0]?.valueText ?? '', /^100 % of [3-9] attempts$/);
  const note = JSON.stringify({ note: 'the carrier is told' });
  await ask(api, `/alarms/${alarms[0]?.id ?? ''}/acknowledge`, { method: 'POST', body: note });

  await carrier.stop();
  carrier = await Carrier.start({ scenario: 'carrier-answers', port });
  await callAsTrunk(running, CALLEE, { calls: 12 });
  await until('its end is told', () => told.some(({ kind }) => kind === 'cleared'), PATIENT);
  assert.deepEqual(told.map(({ kind }) => kind), ['raised', 'acknowledged', 'cleared']); // prettier-ignore
  const history = (await ask(api, '/alarms?state=cleared')) as { alarms: { clearedWhy: string; acknowledgedNote: string }[] }; // prettier-ignore
  assert.deepEqual(history.alarms.map(({ acknowledgedNote, clearedWhy }) => [clearedWhy, acknowledgedNote]), [['back', 'the carrier is told']]); // prettier-ignore
});

test('OPS-11 as separate processes, the api killed with an alarm in hand: another takes over, tells it under the same id, and ends it', async (context) => {
  const { refused, state, told, url } = await receiver(context);
  const carrier = await Carrier.start({ scenario: 'carrier-answers', port: await freePort() });
  context.after(() => carrier.stop());
  const running = await startTestCluster({
    layout: 'split',
    pods: 1,
    mode: 'direct',
    isRespawning: false,
    env: await alarmVariables(context),
  });
  context.after(() => running.stop());
  await running.configure({
    ...configuration(carrier.port, await freePort()),
    alarmChannels: [{ name: 'noc', kind: 'webhook', url }],
    alarmRules: [
      { name: 'busy', figure: 'calls-up', above: 0, lastingSeconds: 0, endingSeconds: 0, severity: 'ticket', channels: ['noc'] }, // prettier-ignore
    ],
  });
  const ofBusy = (those: readonly Told[], kind: string) =>
    those.filter((each) => each.kind === kind && each.alarms.some(({ rule }) => rule === 'busy'));

  state.isOpen = false;
  const call = callAsTrunk(running, CALLEE, { pauseMs: 300_000, timeoutMs: 320_000 });
  await until('the alarm is in hand', () => ofBusy(refused, 'raised').length > 0, PATIENT);
  await running.cluster.end('api', 'SIGKILL');
  const attempts = refused.length;
  state.isOpen = true;
  await running.cluster.startAgain('api');
  await until('it is told by the next one', () => ofBusy(told, 'raised').length > 0, PATIENT);
  assert.equal(ofBusy(told, 'raised')[0]?.id, ofBusy(refused, 'raised')[0]?.id);
  assert.ok(attempts > 0);
  const { alarms } = (await ask(running.api, '/alarms?rule=busy')) as { alarms: object[] };
  assert.equal(alarms.length, 1, 'raised once, and still there');

  const { calls } = (await running.api.get('/api/v1/calls')) as { calls: { callId: string }[] };
  for (const { callId } of calls) await running.api.remove(`/api/v1/calls/${callId}`);
  await call;
  await until('who took over ends it', () => ofBusy(told, 'cleared').length > 0, PATIENT);
  const ids = new Map(told.filter((message) => message.alarms.some(({ rule }) => rule === 'busy')).map(({ id, kind }) => [id, kind])); // prettier-ignore
  assert.deepEqual([...ids.values()], ['raised', 'cleared']);
});
