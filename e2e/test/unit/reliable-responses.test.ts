import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cseq, from, Headers, responseTo, SipRequest, to, type SipResponse } from '@tandem/sip';
import { LoadDialog } from '../../src/load/load-dialog.ts';
import { ReliableForks } from '../../src/load/reliable-forks.ts';
import { ReliableResponses } from '../../src/load/reliable-responses.ts';

const local = { address: '127.0.0.1', port: 5070 };
const CALLEES = ['one', 'two'];

function invite(): SipRequest {
  return new SipRequest(
    'INVITE',
    'sip:44@127.0.0.1:5070',
    new Headers([
      ['Via', 'SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKabc'],
      ['From', '<sip:1001@127.0.0.1>;tag=f1'],
      ['To', '<sip:44@127.0.0.1:5070>'],
      ['Call-ID', 'call-1'],
      ['CSeq', '2 INVITE'],
    ]),
  );
}

function dialog(localTag: string, remoteTag: string | undefined): LoadDialog {
  return new LoadDialog({
    callId: 'call-1',
    localParty: `<sip:${localTag}@127.0.0.1>;tag=${localTag}`,
    localTag,
    remoteParty: `<sip:1001@127.0.0.1>;tag=${String(remoteTag)}`,
    remoteTag,
    remoteTarget: `sip:${String(remoteTag)}@127.0.0.1`,
    localSequence: 2,
    remoteSequence: 2,
    routeSet: [],
    contactUri: `sip:${localTag}@127.0.0.1`,
  });
}

/** A caller and its callees, without a switch between them; what waits is kept. */
function ends() {
  const asked = invite();
  const heard: SipResponse[] = [];
  const waiting: (() => void)[] = [];
  const outcome = { isAcknowledged: false };
  const callees = new ReliableForks({
    invite: asked,
    dialogs: CALLEES.map((tag) => dialog(tag, from(asked).tag)),
    respond: (response) => heard.push(response),
    after: (_ms, run) => waiting.push(run),
    onGivenUp: () => undefined,
    onAcknowledged: () => {
      outcome.isAcknowledged = true;
    },
  });
  callees.start();
  const caller = new ReliableResponses((response) => dialog('f1', to(response).tag));
  const acknowledge = (response: SipResponse | undefined): readonly string[] | string => {
    assert.ok(response !== undefined);
    const received = caller.receive(asked, response);
    if (received.kind !== 'next') return received.kind;
    const branch = `z9hG4bK${String(heard.length)}`;
    const prack = received.dialog.request('PRACK', { local, transport: 'udp', branch });
    prack.headers.append('RAck', received.rack);
    // The callee's Contact.
    const uri = `sip:${to(response).tag ?? ''}@127.0.0.1`;
    return callees.acknowledge(new SipRequest('PRACK', uri, prack.headers));
  };
  return { asked, heard, waiting, outcome, callees, caller, acknowledge };
}

describe('several callees whose responses are acknowledged', () => {
  test('RFC 3262 §4: each in its own dialog and in order, then the last once more, then it may answer', () => {
    const { heard, outcome, acknowledge } = ends();
    assert.deepEqual(
      heard.map((each) => to(each).tag),
      CALLEES,
    );
    assert.deepEqual(acknowledge(heard[1]), []);
    assert.deepEqual(acknowledge(heard[0]), []);
    assert.equal(heard[2]?.headers.get('RSeq'), '2');
    assert.equal(outcome.isAcknowledged, false);
    assert.deepEqual(acknowledge(heard[2]), []);
    assert.equal(outcome.isAcknowledged, true);
  });

  test('RFC 3262 §3: a response is repeated until its PRACK comes; the caller acknowledges it once', () => {
    const { heard, waiting, acknowledge } = ends();
    waiting.shift()?.();
    assert.equal(heard.length, 3);
    assert.deepEqual(acknowledge(heard[0]), []);
    assert.equal(acknowledge(heard[2]), 'repeated');
    waiting.pop()?.();
    assert.equal(heard.length, 3);
  });

  test('RFC 3262 §4: notes a number that was left out, and a PRACK of nothing', () => {
    const { asked, heard, caller, callees, acknowledge } = ends();
    assert.deepEqual(acknowledge(heard[0]), []);
    const later = responseTo(asked, 180, 'Ringing', { toTag: 'one' });
    later.headers.append('Require', '100rel');
    later.headers.append('RSeq', '3');
    assert.equal(caller.receive(asked, later).kind, 'fault');
    const prack = dialog('f1', 'two').request('PRACK', { local, transport: 'udp', branch: 'b' });
    prack.headers.append('RAck', `7 ${String(cseq(asked).number)} INVITE`);
    assert.notDeepEqual(callees.acknowledge(prack), []);
  });
});
