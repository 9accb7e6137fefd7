import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { checkConfiguration, type Configuration } from '@tandem/config';
import { migrate, silentLogger, type Pool } from '@tandem/service';
import { TlsFiles } from '@tandem/testing';
import { SMTPServer } from 'smtp-server';
import { mailAlarms } from '../../src/adapters/alarm-mail.ts';
import { postAlarms } from '../../src/adapters/alarm-webhook.ts';
import { openAlarmStore } from '../../src/adapters/pg-alarm-store.ts';
import type { AlarmStore } from '../../src/alarm-ports.ts';
import { AlarmDispatcher, type Deliver } from '../../src/alarms/alarm-dispatcher.ts';
import { AlarmEvaluator } from '../../src/alarms/alarm-evaluator.ts';
import { bodyOf, type ToldAlarms } from '../../src/core/alarms/notification.ts';
import { operatorMigrations } from '../../src/open-operators.ts';
import { emptyPorts } from '../api-under-test.ts';
import { openDatabase } from '../postgres.ts';

const SECRET = 'key-of-the-webhook';
const logger = silentLogger();

async function openStore(context: TestContext): Promise<{ store: AlarmStore; pool: Pool }> {
  const { pool } = await openDatabase(context);
  await migrate({ pool, folder: operatorMigrations, schema: 'tandem_api', logger });
  return { store: openAlarmStore(pool), pool };
}

function configured(document: object): Configuration {
  const result = checkConfiguration(document);
  assert.ok(result.kind === 'valid', JSON.stringify(result));
  return result.configuration;
}

/** A rule that is raised while more than ten calls are up. */
const rules = [{ name: 'many', figure: 'calls-up', above: 10, endingSeconds: 0, severity: 'page' }];

/** Pods of the api over one store; what is up is said by the test. */
function evaluators(store: AlarmStore, configuration: Configuration) {
  const clock = { nowMs: Date.parse('2026-11-21T12:00:00Z'), calls: 0 };
  const ports = emptyPorts();
  const edge = {
    ...ports.edge,
    getStatus: async () => ({ ...(await ports.edge.getStatus({})), calls: clock.calls }),
  };
  const pod = (leaseMs: number) =>
    new AlarmEvaluator({
      store,
      ports: { ...ports, edge },
      configuration: () => Promise.resolve(configuration),
      logger,
      url: () => 'https://tandem.example',
      now: () => clock.nowMs,
      everyMs: 3_600_000,
      leaseMs,
      onChanged: () => undefined,
    });
  return { clock, pod };
}

const all = { state: 'all', rule: '', subject: '', severity: '', fromMs: 0, untilMs: 0, limit: 100, before: undefined } as const; // prettier-ignore

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let at = 0; at < 600; at++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`never: ${what}`);
}

/** A receiver of webhooks that says 503 so often before it takes what comes. */
async function receiver(context: TestContext, refusals: number) {
  const taken: { id: string; told: ToldAlarms; isSigned: boolean }[] = [];
  let left = refusals;
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (left > 0) {
        left -= 1;
        response.writeHead(503).end();
        return;
      }
      const body = Buffer.concat(parts).toString();
      const header = String(request.headers['tandem-signature']);
      const [, seconds = '', given = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
      const right = createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex');
      taken.push({ id: String(request.headers['tandem-notification']), told: JSON.parse(body) as ToldAlarms, isSigned: given === right }); // prettier-ignore
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}/alarms`, taken, left: () => left };
}

async function secretFile(context: TestContext, text = SECRET): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-alarms-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'secret');
  await writeFile(file, `${text}\n`);
  return file;
}

test('OPS-11 one pod judges; when it is gone another goes on, and each change is told once', async (context) => {
  const { pool, store } = await openStore(context);
  const channel = { name: 'noc', kind: 'webhook', url: 'http://192.0.2.1/' };
  const configuration = configured({ realm: 'r', alarmRules: [{ ...rules[0], lastingSeconds: 60 }], alarmChannels: [channel] }); // prettier-ignore
  const { clock, pod } = evaluators(store, configuration);
  const first = pod(600_000);
  const second = pod(600_000);
  clock.calls = 20;
  await first.round();
  await second.round();
  assert.deepEqual([first.isEvaluating, second.isEvaluating], [true, false]);
  // The first one dies with the alarm on its way; its lease runs out.
  await pool.query(`UPDATE tandem_api.alarm_lease SET until = now() - interval '1 second'`);
  clock.nowMs += 61_000;
  await second.round();
  assert.equal(second.isEvaluating, true);
  const [raised] = await store.list(all);
  assert.equal(raised?.rule, 'many');
  // It was only slow: what it has judged meanwhile is not stored.
  await first.round();
  assert.equal(first.isEvaluating, false);
  clock.calls = 0;
  await second.round();
  const rows = await pool.query<{ kind: string }>('SELECT kind FROM tandem_api.alarm_notification ORDER BY seq'); // prettier-ignore
  assert.deepEqual(rows.rows.map(({ kind }) => kind), ['raised', 'cleared']); // prettier-ignore
  assert.equal((await store.list(all)).length, 1);
  assert.equal((await store.list(all))[0]?.clearedWhy, 'back');
});

test('OPS-11 a round of who has lost the lease stores nothing', async (context) => {
  const { pool, store } = await openStore(context);
  const lease = await store.lease('one', 600_000);
  assert.ok(lease !== undefined);
  await pool.query(`UPDATE tandem_api.alarm_lease SET until = now() - interval '1 second'`);
  assert.ok((await store.lease('two', 600_000)) !== undefined);
  const round = { at: new Date(), states: new Map(), raised: [], cleared: [], values: [], samples: new Map(), keptMs: 1, unknown: new Map([['many', '']]) }; // prettier-ignore
  assert.equal(await store.store('one', lease, round, () => []), false);
  assert.equal((await store.rounds()).size, 0);
});

test('OPS-11 a webhook that fails is told again, in order, signed, and once; a pod that dies with it loses nothing', async (context) => {
  const { pool, store } = await openStore(context);
  const { left, taken, url } = await receiver(context, 2);
  const channels = [{ name: 'noc', kind: 'webhook', url }];
  const configuration = configured({ realm: 'r', alarmRules: rules, alarmChannels: channels });
  const { clock, pod } = evaluators(store, configuration);
  const evaluator = pod(600_000);
  clock.calls = 20;
  await evaluator.round();
  clock.calls = 0;
  clock.nowMs += 1000;
  await evaluator.round();

  const file = await secretFile(context);
  const deliver: Deliver = async (channel, notification) => {
    await postAlarms(channel.url ?? '', notification, { secretFile: file });
    return '';
  };
  const parts = { store, deliver, logger, channels: () => Promise.resolve(configuration.alarmChannels ?? []), now: () => clock.nowMs }; // prettier-ignore
  // A pod claims the first and is gone.
  assert.equal((await store.claim(20, 600_000)).length, 1);
  const dispatcher = new AlarmDispatcher(parts);
  await dispatcher.round();
  assert.equal(left(), 2, 'what is claimed is nobody else’s');
  const due = () => pool.query(`UPDATE tandem_api.alarm_notification SET claimed_until = 'epoch', next_at = now()`); // prettier-ignore
  await due();
  await until('both are taken', async () => {
    await dispatcher.round();
    await due();
    return taken.length >= 2;
  });
  await dispatcher.round();
  assert.deepEqual(taken.map(({ told }) => told.kind), ['raised', 'cleared']); // prettier-ignore
  assert.ok(taken.every(({ id, isSigned, told }) => isSigned && told.id === id));
  assert.equal(new Set(taken.map(({ id }) => id)).size, 2);
  assert.equal(taken[0]?.told.alarms[0]?.rule, 'many');
  const [alarm] = await store.list(all);
  const told = await store.notifications(alarm?.id ?? 0n);
  assert.deepEqual(told.map(({ attempts, sentAt }) => [attempts, sentAt !== undefined]), [[4, true], [1, true]]); // prettier-ignore
  assert.deepEqual((await store.channels()).map(({ lastError, waiting }) => [waiting, lastError]), [[0, '']]); // prettier-ignore
});

test('OPS-11 an acknowledgement is the first one’s, and is told; rules tell their own channels alone', async (context) => {
  const { store } = await openStore(context);
  const channels = [
    { name: 'noc', kind: 'webhook', url: 'http://192.0.2.1/' },
    { name: 'tickets', kind: 'email', to: ['t@example.com'], severities: ['ticket'] },
    { name: 'off', kind: 'webhook', url: 'http://192.0.2.1/', enabled: false },
  ];
  const configuration = configured({ realm: 'r', alarmRules: rules, alarmChannels: channels });
  const { clock, pod } = evaluators(store, configuration);
  clock.calls = 11;
  await pod(600_000).round();
  const [alarm] = await store.list({ ...all, state: 'unacknowledged' });
  const id = alarm?.id ?? 0n;
  assert.deepEqual((await store.notifications(id)).map(({ channel }) => channel), ['noc']); // prettier-ignore
  const by = (name: string) => ({ name, note: 'I look', at: new Date() });
  const both = await Promise.all(
    ['ann', 'bob'].map((name) => store.acknowledge(id, by(name), () => [])),
  );
  assert.deepEqual(both.map((each) => each?.isNew).sort(), [false, true]);
  assert.equal(new Set(both.map((each) => each?.alarm.acknowledgedBy)).size, 1);
  assert.equal(await store.acknowledge(999n, by('ann'), () => []), undefined);
  assert.deepEqual(await store.counts(), { page: 1, ticket: 0 });
});

test('OPS-11 mail is handed in with its password over TLS, and not without', async (context) => {
  const mails: { text: string; user: string; isSecure: boolean }[] = [];
  const files = new TlsFiles(context);
  const { keyPem: key, pem: cert } = files.issue({ domains: ['localhost'] });
  const server = new SMTPServer({
    key,
    cert,
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: (auth, _session, done) => {
      if (auth.username === 'tandem' && auth.password === 'p') done(null, { user: 'tandem' });
      else done(new Error('wrong password'));
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        mails.push({ text: Buffer.concat(parts).toString(), user: String(session.user), isSecure: session.secure }); // prettier-ignore
        done();
      });
    },
  });
  server.listen(0, 'localhost');
  await once(server.server, 'listening');
  context.after(() => {
    server.close();
  });
  const { port } = server.server.address() as AddressInfo;
  const alarm = { id: 7n, rule: 'many', subject: 'carrier-a', figure: 'gateway-asr', severity: 'page', summary: 'carrier-a\r\nBcc: x@example.com', note: 'ring them', isBuiltIn: false, value: 12, valueText: '12 %', comparison: 'below', threshold: 30, raisedAt: new Date(0), clearedAt: undefined, clearedWhy: '', acknowledgedAt: undefined, acknowledgedBy: '', acknowledgedNote: '' } as const; // prettier-ignore
  const id = '7f1c2f2e-0000-4000-8000-000000000001';
  const body = bodyOf({
    id,
    kind: 'raised',
    alarms: [alarm],
    at: new Date(0),
    url: 'https://t.example',
  });
  const smtp = { host: 'localhost', port, from: 'tandem@example.com', user: 'tandem', passwordFile: await secretFile(context, 'p') }; // prettier-ignore
  // The certificate of the server is of nobody who is trusted.
  await assert.rejects(mailAlarms(['noc@example.com'], { id, body }, { ...smtp, security: 'starttls' }), /certificate/); // prettier-ignore
  assert.equal(mails.length, 0);
  await mailAlarms(['noc@example.com'], { id, body }, { ...smtp, security: 'starttls', caFile: files.caFile }); // prettier-ignore
  const [mail] = mails;
  assert.deepEqual([mail?.user, mail?.isSecure], ['tandem', true]);
  assert.match(mail?.text ?? '', new RegExp(`Message-ID: <${id}@example.com>`, 'i'));
  assert.match(mail?.text ?? '', /Subject: \[Tandem\] ALARM page: carrier-a Bcc: x@example.com/);
  const [head = ''] = (mail?.text ?? '').split('\r\n\r\n');
  assert.doesNotMatch(head, /^Bcc:/m);
  const wrong = { ...smtp, caFile: files.caFile, security: 'starttls', passwordFile: await secretFile(context, 'q') } as const; // prettier-ignore
  await assert.rejects(mailAlarms(['noc@example.com'], { id, body }, wrong), /wrong password|535/);
});
