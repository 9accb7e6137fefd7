import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEndpoint } from '@tandem/pod-link';
import { silentLogger } from '@tandem/service';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { createPodApp, edgeDefaults, systemClock } from '../../src/app.ts';
import type { EdgeConfig } from '../../src/app.ts';
import { EdgeNetwork } from '../../src/network/edge-network.ts';
import { noListener } from '../../src/network/message-listener.ts';
import type { PodRegistry } from '../../src/ports.ts';

const logger = silentLogger();
const secretKey = createSecretKey(Buffer.alloc(32, 7));
const podListen = { address: '127.0.0.1', port: 0 };
/** So many flows that one of two sockets gets none of them once in four thousand million times. */
const FLOWS = 32;

type Held = 'look' | 'join';

/** A registry whose answers wait until they are let through. */
class SlowRegistry {
  readonly asked: Held[] = [];
  readonly registry: PodRegistry;
  readonly #waiting = {
    look: Promise.withResolvers<undefined>(),
    join: Promise.withResolvers<undefined>(),
  };
  #isRead = false;

  constructor(registry: PodRegistry) {
    const held = async <Answer>(what: Held, ask: () => Promise<Answer>): Promise<Answer> => {
      this.asked.push(what);
      await this.#waiting[what].promise;
      const answer = await ask();
      this.#isRead = true;
      return answer;
    };
    this.registry = {
      ...registry,
      look: () => held('look', () => registry.look()),
      join: (pod) => held('join', () => registry.join(pod)),
      pods: () => (this.#isRead ? registry.pods() : []),
    };
  }

  letThrough(what: Held): void {
    this.#waiting[what].resolve(undefined);
  }
}

/** A worker that notes the ports of the peers whose datagrams it is given. */
async function openWorker(t: TestContext, pods: MemoryPods): Promise<Set<number>> {
  const heard = new Set<number>();
  const registry = pods.registry();
  const network = await EdgeNetwork.open({
    role: 'worker',
    sipListen: [],
    isSipPortShared: false,
    sipFronts: [],
    podListen,
    secrets: [secretKey.export()],
    pods: () => registry.pods(),
    clock: systemClock,
    logger,
  });
  network.listen({ ...noListener, onMessage: (_message, from) => heard.add(from.port) });
  await registry.join({ name: 'worker-1', role: 'worker', address: network.address });
  t.after(() => network.close());
  return heard;
}

/** Sends a request over each of several new flows, and waits until the worker has heard all of them. */
async function askOverNewFlows(t: TestContext, to: string, heard: Set<number>): Promise<void> {
  const { address = '', port = 0 } = parseEndpoint(to) ?? {};
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.close();
  });
  for (let flow = 0; flow < FLOWS; flow++) {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const callId = `flow-${String(socket.address().port)}`;
    socket.send(optionsOf(callId), port, address);
  }
  const missing = (): number[] =>
    sockets.map((socket) => socket.address().port).filter((own) => !heard.has(own));
  for (let waited = 0; missing().length > 0 && waited < 1500; waited++) await sleep(20);
  assert.deepEqual(missing(), []);
}

function optionsOf(callId: string): string {
  const lines = [
    'OPTIONS sip:tandem.example SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK${callId};rport`,
    'From: <sip:a@a.example>;tag=1',
    'To: <sip:tandem.example>',
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

test('edge.md §3: a front that starts on the port of another one takes no flow from it before it knows the workers', async (t) => {
  const pods = new MemoryPods(systemClock);
  const heard = await openWorker(t, pods);
  const config: EdgeConfig = {
    ...edgeDefaults,
    name: 'front-1',
    role: 'front',
    sipListen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
    isSipPortShared: true,
    sipSource: 'preserved',
    podListen,
  };
  const first = await createPodApp(config, { logger, secretKey, pods: pods.registry() });
  await first.start();
  t.after(() => first.stop());
  const shared = first.advertised ?? '';
  const port = parseEndpoint(shared)?.port ?? 0;

  const slow = new SlowRegistry(pods.registry());
  const second = await createPodApp(
    { ...config, name: 'front-2', sipListen: [{ transport: 'udp', address: '127.0.0.1', port }] },
    { logger, secretKey, pods: slow.registry },
  );
  t.after(() => second.stop());
  const started = second.start();
  await until(() => slow.asked.length === 1);
  await askOverNewFlows(t, shared, heard);
  slow.letThrough('look');
  await until(() => slow.asked.length === 2);
  // It has the port now and is not among the pods yet.
  await askOverNewFlows(t, shared, heard);
  assert.equal(second.isReady(), false);
  slow.letThrough('join');
  await started;
  assert.deepEqual(slow.asked, ['look', 'join']);
  assert.equal(second.isReady(), true);
});
