import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { played, responseTo, sceneOf, written } from '../support/any-pod.ts';
import type { Draft, Scene, Sender, Standing } from '../support/any-pod.ts';
import { EDGE, PodsBench } from '../support/pods-bench.ts';

/** RFC 4475 and RFC 5118, a file each. */
const TORTURE = new URL('../../../../libs/sip/test/fixtures/torture/', import.meta.url);

/** One that knows nothing of the calls, beside the one that has them, and a third to hand things to. */
const OTHER_PODS = [1, 2];

let turn = 0;

const methods = [
  'ACK',
  'BREW',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'REFER',
  'REGISTER',
  'SUBSCRIBE',
  'UPDATE',
];

/** In the dialog or beside it: each method from either end, with and without our token, with each To tag. */
const inDialog: readonly Draft[] = methods.flatMap((method) =>
  (['caller', 'callee'] as const).flatMap((from) =>
    (['led', 'number'] as const).flatMap((uri) =>
      (['right', 'wrong', 'none'] as const)
        // A new call is no business of the old one.
        .filter((toTag) => method !== 'INVITE' || toTag !== 'none')
        .map((toTag) => ({ method, from, uri, toTag, headers: headersOf(method) })),
    ),
  ),
);

/** With the branch of the INVITE. */
const ofInvite: readonly Draft[] = [
  ofTransaction('INVITE', 'none'),
  ...(['none', 'right', 'wrong'] as const).flatMap((toTag) => [
    ofTransaction('CANCEL', toTag),
    ofTransaction('ACK', toTag),
  ]),
];

function ofTransaction(method: string, toTag: Draft['toTag']): Draft {
  return { method, from: 'caller', uri: 'number', toTag, branch: 'invite' };
}

function headersOf(method: string): Readonly<Record<string, string>> {
  if (method === 'PRACK') return { RAck: '1 1 INVITE' };
  if (method === 'REFER') return { 'Refer-To': '<sip:44@10.0.0.1>' };
  return method === 'NOTIFY' ? { Event: 'dialog', 'Subscription-State': 'active' } : {};
}

/** What comes of a message that one of the pods gets, the first of which has the call. */
async function outcome(
  standing: Standing,
  at: number,
  message: { readonly from: Draft['from']; bytes(scene: Scene): string },
): Promise<readonly string[]> {
  const scene = await sceneOf(standing);
  const pod = scene.bench.pods[at];
  assert.ok(pod !== undefined);
  const heard = await played(scene, { bytes: message.bytes(scene), from: message.from, pod });
  await scene.bench.close();
  return heard;
}

async function assertSame(
  what: string,
  standing: Standing,
  message: Parameters<typeof outcome>[2],
): Promise<void> {
  const expected = await outcome(standing, 0, message);
  // Each message at one of them, the next at the other: they differ in nothing but what they may be handed.
  const at = OTHER_PODS[(turn += 1) % OTHER_PODS.length] ?? 1;
  const heard = await outcome(standing, at, message);
  assert.deepEqual(heard, expected, `${standing}, pod ${String(at)}: ${what}`);
}

const standings = [
  'calling',
  'ringing',
  'unacknowledged',
  'answered',
  'changing',
  'refused',
  'cancelled',
  'ended',
] as const;

for (const standing of standings) {
  test(`CALL-06 ${standing}: whatever the pod that has the call answers, every pod answers`, async () => {
    for (const draft of [...ofInvite, ...inDialog]) {
      const { method, from, uri, toTag, branch = 'new' } = draft;
      const what = `${method} of the ${from}, ${uri}, To tag ${toTag}, ${branch} branch`;
      await assertSame(what, standing, { from, bytes: (scene) => written(scene, draft) });
    }
  });

  test(`CALL-06 ${standing}: whatever the carrier answers does the same at every pod`, async () => {
    for (const status of [100, 180, 183, 200, 302, 407, 486, 503, 603]) {
      for (const toTag of ['right', 'other'] as const) {
        const what = `${String(status)} with ${toTag} tag`;
        const bytes = (scene: Scene): string => responseTo(scene, status, toTag);
        await assertSame(what, standing, { from: 'callee', bytes });
      }
    }
  });
}

test('CALL-02 a CANCEL is matched by branch and sent-by, on every pod: its To tag has no part in it', async () => {
  for (const toTag of ['none', 'right', 'wrong'] as const) {
    for (const at of [0, ...OTHER_PODS]) {
      const bytes = (scene: Scene): string => written(scene, ofTransaction('CANCEL', toTag));
      assert.deepEqual(await outcome('ringing', at, { from: 'caller', bytes }), [
        '10.0.0.2 gets 200 (1 CANCEL)',
        '10.0.0.2 gets 487 (1 INVITE)',
        '10.0.1.1 gets ACK (1 ACK)',
        '10.0.1.1 gets CANCEL (1 CANCEL)',
        'ended CallerCancelled 487 caller',
      ]);
    }
  }
});

test('CALL-02 a re-INVITE is cancelled through every pod, whether the token is given back or not', async () => {
  for (const uri of ['led', 'number'] as const) {
    for (const at of [0, ...OTHER_PODS]) {
      const scene = await sceneOf('answered');
      const { bench } = scene;
      const draft = { from: 'caller', uri, toTag: 'right' } as const;
      bench.alice.sendRaw(written(scene, { ...draft, method: 'INVITE' }), EDGE);
      await bench.settle(100);
      const pod = bench.pods[at];
      assert.ok(pod !== undefined);
      const bytes = written(scene, { ...draft, method: 'CANCEL' });
      const heard = await played({ bench }, { bytes, from: 'caller', pod });
      assert.ok(heard.includes('10.0.1.1 gets CANCEL (7 CANCEL)'), heard.join());
      await bench.close();
    }
  }
});

test('CALL-10 every pod makes the same of every torture message', async () => {
  const names = readdirSync(TORTURE).filter((name) => name.endsWith('.sip'));
  assert.equal(names.length, 61);
  for (const name of names) {
    const outcomes: (readonly string[])[] = [];
    for (const index of [0, ...OTHER_PODS]) {
      const bench = await PodsBench.start({ seed: 7 });
      const pod = bench.pods[index];
      assert.ok(pod !== undefined);
      // Its answers need not be readable, as little as what is answered.
      const at = { address: '10.0.0.66', port: 5060 };
      const socket = bench.network.open({ ...at, listener: { onMessage: () => undefined } });
      const from: Sender = {
        sendRaw: (bytes, to) => {
          socket.send(bytes, to.address, to.port);
        },
      };
      outcomes.push(
        await played({ bench }, { bytes: readFileSync(new URL(name, TORTURE)), from, pod }),
      );
      await bench.close();
    }
    for (const each of outcomes) assert.deepEqual(each, outcomes[0], name);
  }
});
