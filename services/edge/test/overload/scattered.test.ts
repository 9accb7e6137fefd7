import assert from 'node:assert/strict';
import test from 'node:test';
import { parseMessage, serverTransactionKey } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { EdgeServer } from '../../src/edge-server.ts';
import { claimKey } from '../../src/setup/calls.ts';
import { unrouted } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import { listenerOf } from '../support/listener-of.ts';

const SOURCE = { address: '10.0.9.1', port: 5060 };
/** A gate that is none of the pods: it gives each message to any of them. */
const ANY_POD = 'distributor';

/** Two pods behind a gate that picks any of them, both past their capacity for long enough. */
class Scene {
  lateMs = 900;
  readonly bench: EdgeBench;
  readonly pods: readonly EdgeServer[];
  readonly statuses: number[] = [];
  #count = 0;

  constructor() {
    this.bench = new EdgeBench({
      overload: { isOn: true, mostRate: Infinity, queueDelayMs: () => this.lateMs },
    });
    this.pods = [this.bench.server, this.bench.addPod()];
    this.bench.route = () => Promise.resolve(unrouted('NoAvailableRouter'));
    this.bench.network.open({
      ...SOURCE,
      listener: {
        onMessage: (message) => {
          if (message.headers.get('Warning')?.includes('Overload') !== true) return;
          if (message.kind === 'response') {
            this.statuses.push(message.status);
          }
        },
      },
    });
  }

  /** Calls until there is no room for more, for some seconds. */
  async overload(seconds: number): Promise<void> {
    for (let tick = 0; tick < seconds * 10; tick++) {
      for (const pod of this.pods)
        for (let call = 0; call < 5; call++) this.give(this.invite(), pod);
      await this.bench.clock.advanceSettled(100);
    }
    for (const pod of this.pods)
      for (let call = 0; call < 100; call++) this.give(this.invite(), pod);
    await this.bench.clock.advanceSettled(10);
    this.statuses.length = 0;
  }

  invite(): Buffer {
    this.#count += 1;
    const id = `scattered-${String(this.#count)}`;
    const lines = [
      'INVITE sip:442079460000@10.0.0.1 SIP/2.0',
      `Via: SIP/2.0/UDP 10.0.9.1:5060;branch=z9hG4bK${id}`,
      'Max-Forwards: 70',
      `From: <sip:a@10.0.9.1>;tag=${id}`,
      'To: <sip:442079460000@10.0.0.1>',
      `Call-ID: ${id}`,
      'CSeq: 1 INVITE',
      'Contact: <sip:a@10.0.9.1:5060>',
    ];
    return Buffer.from([...lines, '', ''].join('\r\n'));
  }

  /** As a pod hears it of the gate. */
  give(bytes: Buffer, pod: EdgeServer | undefined): void {
    if (pod === undefined) return;
    const listener = listenerOf(pod, ANY_POD);
    const arrival = { source: SOURCE, local: { address: '10.0.0.1', port: 5060 } };
    if (listener.takes?.(bytes, arrival) !== true) listener.onMessage(parseMessage(bytes), arrival);
  }

  isAsked(bytes: Buffer): boolean {
    const callId = (parseMessage(bytes) as SipRequest).headers.get('Call-ID');
    return this.bench.asked.auth.some(({ sipCallId }) => sipCallId === callId);
  }
}

test('CALL-11 CALL-06 an INVITE that one pod has refused is begun by no other, whichever gets it again', async () => {
  const scene = new Scene();
  await scene.overload(6);
  const invites = Array.from({ length: 10 }, () => scene.invite());
  for (const [at, invite] of invites.entries()) scene.give(invite, scene.pods[at % 2]);
  await scene.bench.clock.advanceSettled(20);
  const refused = invites.filter((invite) => !scene.isAsked(invite));
  assert.ok(refused.length >= 5, String(refused.length));
  assert.equal(scene.statuses.length, refused.length);
  scene.lateMs = 0;
  await scene.bench.clock.advanceSettled(10_000);
  assert.ok(scene.pods.every(({ overload }) => overload?.state.isShedding === false));
  for (const [at, invite] of refused.entries()) scene.give(invite, scene.pods[(at + 1) % 2]);
  await scene.bench.clock.advanceSettled(20);
  assert.deepEqual([...new Set(scene.statuses)], [503]);
  await scene.bench.close();
});

test('CALL-11 CALL-06 an INVITE that another pod has claimed is not refused, though this one does not know it', async () => {
  const scene = new Scene();
  await scene.overload(6);
  const invites = Array.from({ length: 10 }, () => scene.invite());
  for (const [at, bytes] of invites.entries()) {
    const invite = parseMessage(bytes) as SipRequest;
    const key = claimKey(serverTransactionKey(invite), invite);
    await scene.bench.store.claim(key, `elsewhere-${String(at)}`, '99.99');
    scene.give(bytes, scene.pods[at % 2]);
  }
  await scene.bench.clock.advanceSettled(20);
  assert.ok(invites.every((invite) => scene.isAsked(invite)));
  assert.deepEqual(scene.statuses, []);
  await scene.bench.close();
});

test('CALL-11 while calls of other pods may be undecided nobody is refused by a word', async () => {
  const scene = new Scene();
  scene.lateMs = 0;
  await scene.bench.clock.advanceSettled(5000);
  scene.lateMs = 900;
  await scene.overload(2.5);
  const shedding = scene.pods.filter(({ overload }) => overload?.state.isShedding === true);
  assert.equal(shedding.length, 2);
  for (const pod of scene.pods)
    for (let call = 0; call < 10; call++) scene.give(scene.invite(), pod);
  await scene.bench.clock.advanceSettled(20);
  assert.deepEqual(scene.statuses, []);
  await scene.bench.close();
});
