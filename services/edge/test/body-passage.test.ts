import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { Barrier } from '../src/barrier.ts';
import { BodyPassage } from '../src/body-passage.ts';
import type { BodyStep, PassingBody } from '../src/ports.ts';

const sdp: PassingBody = {
  callId: 'one',
  from: 'a',
  method: 'INFO',
  status: undefined,
  sequence: 0,
  contentType: 'application/sdp',
  bytes: Buffer.from('v=0'),
};
const barrier = new Barrier({ clock: new FakeClock(), logger: silentLogger() });
const bare: PassingBody = { ...sdp, contentType: '', bytes: Buffer.alloc(0) };

/** A passage, and what it has said, in order. */
function opened(pass?: BodyStep['pass']): {
  readonly said: string[];
  readonly go: (name: string, passing: PassingBody) => boolean;
} {
  const bodyStep = pass === undefined ? undefined : { pass };
  const passage = new BodyPassage({ bodyStep, barrier });
  const said: string[] = [];
  return {
    said,
    go: (name, passing) =>
      passage.pass(passing, {
        passed: (bytes) => said.push(`${name} ${bytes.toString()}`),
        failed: (error) => said.push(`${name} ${String(error)}`),
      }),
  };
}

function failed(error: unknown): void {
  assert.ifError(error);
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('CALL-04 without a step bodies pass as they come, at once and uncopied', () => {
  const passage = new BodyPassage({ barrier });
  let heard: Buffer | undefined;
  const on = {
    passed: (bytes: Buffer) => {
      heard = bytes;
    },
    failed,
  };
  assert.ok(passage.pass(sdp, on));
  assert.equal(heard, sdp.bytes);
});

test('CALL-04 a message without a body passes by the step, behind those of its call that wait and no others', async () => {
  let go = (): void => undefined;
  const { said, go: pass } = opened(
    () =>
      new Promise((resolve) => {
        go = () => {
          resolve({ bytes: Buffer.from('there'), relay: 0 });
        };
      }),
  );
  assert.ok(!pass('first', sdp));
  assert.ok(!pass('second', bare));
  assert.ok(pass('other call', { ...bare, callId: 'two' }));
  await settled();
  assert.deepEqual(said, ['other call ']);
  go();
  await settled();
  assert.deepEqual(said, ['other call ', 'first there', 'second ']);
  assert.ok(pass('later', bare));
});

test('CALL-10 a step that throws or rejects fails its message alone, and so does who hears of it', async () => {
  const answers = [
    () => {
      throw new Error('thrown');
    },
    () => Promise.reject(new Error('rejected')),
    () => Promise.resolve({ bytes: Buffer.from('fine'), relay: 0 }),
  ];
  const { said, go } = opened(() => answers.shift()?.() ?? Buffer.from('at once'));
  for (const name of ['a', 'b', 'c']) go(name, sdp);
  await settled();
  assert.deepEqual(said, ['a Error: thrown', 'b Error: rejected', 'c fine']);
  const passage = new BodyPassage({
    bodyStep: { pass: () => Promise.resolve({ bytes: Buffer.from('x'), relay: 0 }) },
    barrier,
  });
  const failing = {
    passed: () => {
      throw new Error('message failed');
    },
    failed,
  };
  passage.pass(sdp, failing);
  let heard = '';
  passage.pass(sdp, {
    passed: (bytes) => {
      heard = bytes.toString();
    },
    failed,
  });
  await settled();
  assert.equal(heard, 'x');
});
