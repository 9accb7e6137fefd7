import type { JournalNote } from '@tandem/domain';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedRegistration } from '../../src/core/journal-notes.ts';
import { requestOf, Scene, type Call } from '../scene.ts';

const register: Call = {
  method: 'REGISTER',
  requestUri: 'sip:tandem',
  toUser: '1001',
  userAgent: 'baresip v1.0.0',
};

/** What the journal is told when passwords are tried one after the other; undefined where it is told nothing. */
async function toldOf(scene: Scene, call: Call, passwords: readonly string[]) {
  const responses = await scene.guess(call, passwords);
  return responses.map((response) =>
    refusedRegistration(requestOf(call), response, (username) => `account of ${username}`),
  );
}

function summaryOf({ account, cause, sender, terminal }: JournalNote) {
  return { account, cause, sender, terminal };
}

test('REG-11 a wrong password is told with how far the limits are, and the phone only claims to be it', async () => {
  const [note, right] = await toldOf(new Scene(), register, ['wrong', 'tandem-demo']);
  assert.deepEqual(note, {
    cause: 'wrong-password',
    facts: {
      'wrong-answers': 1,
      SS_SIP_AUTHENTICATION_RETRY: 6,
      failures: 1,
      SS_AUTHENTICATION_MAX_RETRY: 6,
    },
    terminal: '1001',
    account: 'account of 1001',
    sender: 'claimed',
    source: '203.0.113.50:5060',
    userAgent: 'baresip v1.0.0',
    callId: 'call-1',
  });
  assert.equal(right, undefined);
});

test('REG-11 a name that nobody has is told without an account', async () => {
  const [note] = await toldOf(new Scene(), { ...register, fromUser: '4711' }, ['x']);
  assert.ok(note);
  assert.deepEqual(summaryOf(note), {
    account: '',
    cause: 'unknown-user',
    sender: 'unknown',
    terminal: '4711',
  });
});

test('REG-11 who is suspended is told with the end of it; the name is that of the phone', async () => {
  const scene = new Scene({
    parameters: { SS_SIP_AUTHENTICATION_RETRY: 1, SS_AUTHENTICATION_MAX_RETRY: 1 },
  });
  let last: JournalNote | undefined;
  for (let at = 0; at < 4 && last?.cause !== 'suspended'; at += 1) {
    const response = await scene.call(
      { ...register, sipCallId: `call-${String(at)}` },
      { password: 'wrong' },
    );
    last = refusedRegistration(requestOf(register), response, () => 'demo') ?? last;
    scene.clock.advance(2000);
  }
  assert.equal(last?.cause, 'suspended');
  assert.equal(last.terminal, '1001');
  assert.equal(last.facts.SS_AUTHENTICATION_MAX_RETRY, 1);
  assert.equal(last.facts.fault, 'wrong password');
});

test('REG-11 a first challenge, and what is no REGISTER, is not told', async () => {
  const scene = new Scene();
  const challenged = await scene.send(register);
  assert.equal(refusedRegistration(requestOf(register), challenged, () => ''), undefined); // prettier-ignore
  const responses = await scene.guess({ sipCallId: 'call-2' }, ['wrong']);
  for (const response of responses) {
    assert.equal(refusedRegistration(requestOf({}), response, () => ''), undefined); // prettier-ignore
  }
});

test('REG-11, AUTH-08 whoever gets no answer is told with the name that the request has', async () => {
  const scene = new Scene();
  scene.apply({ security: { deny: ['203.0.113.50'] } });
  const note = refusedRegistration(requestOf(register), await scene.send(register), () => '');
  assert.ok(note);
  assert.deepEqual(summaryOf(note), {
    account: '',
    cause: 'black-listed',
    sender: 'unknown',
    terminal: '1001',
  });
});
