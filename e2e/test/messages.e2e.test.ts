import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createPool, silentLogger } from '@tandem/service';
import { callAsPhone, callAsTrunk, sipCallId } from '../src/calling.ts';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import type { TestCluster, TestClusterOptions } from '../src/cluster/test-cluster.ts';
import { configuration, demo } from '../src/configuration.ts';
import { freePorts } from '../src/free-ports.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

interface Message {
  readonly direction: string;
  readonly remote: string;
  readonly local: string;
  readonly summary: string;
  readonly callId: string;
  readonly times: number;
  readonly text: string;
}
interface Listed {
  readonly callIds: readonly string[];
  readonly messages: readonly Message[];
}

const PATIENCE = { timeoutMs: 60_000, everyMs: 250 };

const shapes: readonly (TestClusterOptions & { readonly name: string })[] = [
  { name: 'split behind a careless load balancer', layout: 'split', pods: 2, mode: 'random' },
  { name: 'call pods behind fronts', layout: 'pod', pods: 2, mode: 'front' },
];

for (const { name, ...options } of shapes) {
  test(`OPS-03 OPS-09 ${name}: both legs of a call are kept, also where its pod is killed; traced, exported, and without a secret`, async (context) => {
    const { cluster, ports } = await open(options, context);
    const { api } = cluster;

    const trace = await post(cluster, '/traces', { phone: demo.phone, seconds: 600 });
    const first = await callAsPhone(cluster, '442079460000');
    const cdr = await api.cdrOf(sipCallId(first));
    const whole = await until('all messages of the call are kept', () => bothLegs(cluster, cdr.callId), PATIENCE); // prettier-ignore
    const caller = sipCallId(first);
    assert.deepEqual([...whole.callIds].sort(), [cdr.callId, caller].sort());
    const ofCaller = ({ messages }: Listed): readonly Message[] =>
      messages.filter(({ callId }) => callId === caller);
    await until('the same is found by the Call-ID of the caller', async () => {
      const [one, other] = [await listed(cluster, caller), await listed(cluster, cdr.callId)];
      return isDeepStrictEqual(ofCaller(one), ofCaller(other)) && ofCaller(one).length > 6;
    }, PATIENCE); // prettier-ignore
    const ends = new Set(whole.messages.map(({ remote }) => remote));
    assert.ok(ends.has(`127.0.0.1:${String(ports.carrier)}`), [...ends].join(' '));
    assert.deepEqual(
      new Set(whole.messages.map(({ local }) => local)),
      new Set([cluster.shape.sip]),
    );

    const traced = await until('the trace has the end of the call', async () => {
      const read = await api.get(`/api/v1/traces/${trace.id}/messages`);
      const { messages } = read as Listed;
      return messages.filter(({ summary }) => summary.startsWith('BYE')).length > 1 && messages;
    }, PATIENCE); // prettier-ignore
    assert.ok(traced.some(({ remote }) => remote.endsWith(`:${String(ports.carrier)}`)), 'of both legs'); // prettier-ignore

    const held = callAsTrunk(cluster, '442079460000', { pauseMs: 15_000 });
    const up = await until('a call is up', async () => (await calls(cluster))[0], PATIENCE);
    await until('its answer is kept', async () => {
      const { messages } = await listed(cluster, up.callId);
      return messages.filter(({ summary }) => summary.startsWith('ACK')).length >= 2;
    }, PATIENCE); // prettier-ignore
    const pod = await until('its pod is known', async () =>
      (await api.pods()).find(
        (one) => one.name === up.edge || up.edge.split('.')[1] === String(one.epoch),
      ),
    ); // prettier-ignore
    cluster.cluster.kill(pod.name);
    const result = await held;
    assert.equal(result.successful, 1, result.output);
    const adopted = await until(
      'the end is kept, too',
      () => bothLegs(cluster, sipCallId(result)),
      PATIENCE,
    );
    assert.ok(adopted.messages.length >= 12, String(adopted.messages.length));

    await checkCapture(cluster, cdr.callId);
    await checkSecrets(cluster, whole.messages);
  });
}

async function open(options: TestClusterOptions, context: TestContext) {
  const [carrierPort = 0, other = 0] = await freePorts(2);
  const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
  context.after(() => carrier.stop());
  const cluster = await startTestCluster(options);
  context.after(() => cluster.stop());
  await cluster.configure(configuration(carrierPort, other));
  return { cluster, ports: { carrier: carrierPort } };
}

async function calls({ api }: TestCluster) {
  const answer = await api.get('/api/v1/calls');
  return (answer as { readonly calls: readonly { callId: string; edge: string; state: string }[] }).calls; // prettier-ignore
}

async function listed({ api }: TestCluster, id: string): Promise<Listed> {
  return (await api.get(`/api/v1/calls/${encodeURIComponent(id)}/messages`)) as Listed;
}

/** Once each of INVITE, 200, ACK and BYE is there on both legs, received and sent. */
async function bothLegs(cluster: TestCluster, id: string): Promise<Listed | undefined> {
  const found = await listed(cluster, id);
  const says = (direction: string, start: string): boolean =>
    found.messages.some((one) => one.direction === direction && one.summary.startsWith(start));
  const isWhole = ['received', 'sent'].every((direction) =>
    ['INVITE', '200', 'ACK', 'BYE'].every((start) => says(direction, start)),
  );
  return isWhole ? found : undefined;
}

async function post(
  cluster: TestCluster,
  path: string,
  body: object,
): Promise<{ readonly id: string }> {
  const response = await fetchOf(cluster, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  return (await response.json()) as { readonly id: string };
}

function fetchOf(cluster: TestCluster, path: string, init: RequestInit = {}): Promise<Response> {
  const token = readFileSync(join(cluster.shape.dataDir, 'api-token'), 'utf8').trim();
  return fetch(`http://${cluster.shape.api}/api/v1${path}`, {
    ...init,
    headers: new Headers([...new Headers(init.headers), ['authorization', `Bearer ${token}`]]),
  });
}

/** Wireshark reads the same messages, with the same ends. */
async function checkCapture(cluster: TestCluster, callId: string): Promise<void> {
  const { messages } = await listed(cluster, callId);
  const file = join(tmpdir(), `tandem-${callId}.pcap`);
  const response = await fetchOf(cluster, `/calls/${callId}/messages?format=pcap`);
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  const ports = [...new Set(messages.flatMap(({ local, remote }) => [local, remote]))];
  const decoded = ports.flatMap((end) => ['-d', `udp.port==${end.split(':')[1] ?? ''},sip`]);
  const fields = ['ip.src', 'udp.srcport', 'ip.dst', 'udp.dstport', 'sip.CSeq.method', 'ip.checksum.status', 'udp.checksum.status']; // prettier-ignore
  const text = execFileSync(
    'tshark',
    ['-r', file, '-T', 'fields', '-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE', ...decoded, ...fields.flatMap((field) => ['-e', field])],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  ); // prettier-ignore
  rmSync(file);
  const read = text.trim().split('\n').map((line) => line.split('\t')); // prettier-ignore
  const expected = messages.map(({ direction, local, remote, text: message }) => {
    const [source, destination] = direction === 'sent' ? [local, remote] : [remote, local];
    const method = /\ncseq:[ \t]*\d+[ \t]+(\w+)/i.exec(message)?.[1] ?? '';
    return [...source.split(':'), ...destination.split(':'), method, '1', '1'];
  });
  assert.deepEqual(read, expected);
}

/** In messages, in what PostgreSQL has of them, and in logs: no password, and no answer to a challenge. */
async function checkSecrets(cluster: TestCluster, messages: readonly Message[]): Promise<void> {
  const answered = messages.filter(({ text }) => /^(proxy-)?authorization:/im.test(text));
  assert.ok(answered.length > 0);
  for (const { text } of answered) assert.match(text, /response="x{32}"/);
  const logs = [...cluster.processes.values()].map(({ output }) => output).join('\n');
  assert.match(logs, /"msg":"started"/);
  const pool = createPool({
    url: cluster.stores.postgresUrl,
    logger: silentLogger(),
    size: 1,
    applicationName: 'tandem-e2e',
  });
  const { rows } = await pool
    .query<{ readonly records: Buffer }>('SELECT records FROM tandem_journal.trace_batch')
    .finally(() => pool.end());
  assert.ok(rows.length > 0);
  const kept = [
    JSON.stringify(messages),
    logs,
    ...rows.map(({ records }) => records.toString('latin1')),
  ].join('\n');
  assert.ok(!kept.includes(demo.password), 'a password is kept');
  assert.doesNotMatch(kept, /response="[0-9a-f]{32}"/);
}
