import assert from 'node:assert/strict';
import test from 'node:test';
import { parseMessage, parseUri, responseTo, to } from '@tandem/sip';
import type { SipMessage, SipRequest, SipResponse } from '@tandem/sip';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import type { EdgeServer } from '../../src/edge-server.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import { inviteOf } from '../support/messages.ts';

const GATE = '10.0.9.1:7000';
/** The caller's connection to the first gate. */
const caller: PeerAddress = {
  address: '192.0.2.10',
  port: 49_152,
  transport: 'tcp',
  flow: { gate: GATE, connection: 5 },
};
/** The connection over which the carrier answers. */
const carrier: PeerAddress = {
  address: '10.0.1.1',
  port: 5070,
  transport: 'tcp',
  flow: { gate: GATE, connection: 9 },
};

/** Two pods whose transport is written down. */
class TcpBench {
  readonly sent: { readonly message: SipMessage; readonly to: PeerAddress }[] = [];
  readonly bench = new EdgeBench({ carriers: [{ transport: 'tcp' }] });
  readonly pods: readonly EdgeServer[];

  constructor() {
    const transport = {
      send: (bytes: Buffer, peer: PeerAddress) => {
        this.sent.push({ message: parseMessage(bytes), to: peer });
      },
    };
    this.pods = [this.bench.addPod({ transport }), this.bench.addPod({ transport })];
  }

  async take(pod: number, message: SipMessage, from: PeerAddress): Promise<void> {
    this.pods[pod]?.onMessage(message, from);
    await this.bench.settle(100);
  }

  /** The last message that was sent. */
  get last(): { readonly message: SipMessage; readonly to: PeerAddress } {
    const last = this.sent.at(-1);
    assert.ok(last !== undefined);
    return last;
  }

  get lastRequest(): SipRequest {
    const { message } = this.last;
    assert.ok(message.kind === 'request');
    return message;
  }
}

async function answeredOverTcp(): Promise<{
  tcp: TcpBench;
  answer: SipResponse;
}> {
  const tcp = new TcpBench();
  const invite = inviteOf({ Via: 'SIP/2.0/TCP 192.0.2.10:5062;branch=z9hG4bKcaller' });
  await tcp.take(0, invite, caller);
  const toCarrier = tcp.lastRequest;
  assert.deepEqual(tcp.last.to, { address: '10.0.1.1', port: 5070, transport: 'tcp' });
  assert.match(toCarrier.headers.get('Via') ?? '', /^SIP\/2\.0\/TCP 10\.0\.0\.1:5060;branch=/);
  assert.match(toCarrier.headers.get('Contact') ?? '', /;transport=tcp>$/);
  const ok = responseTo(toCarrier, 200, 'OK', { toTag: 'carrier' });
  ok.headers.append('Contact', '<sip:gw@10.0.1.1:5070;transport=tcp>');
  await tcp.take(0, ok, carrier);
  const { message } = tcp.last;
  assert.ok(message.kind === 'response' && message.status === 200);
  assert.deepEqual(tcp.last.to, caller);
  assert.match(message.headers.get('Contact') ?? '', /;transport=tcp>$/);
  return { tcp, answer: message };
}

function inDialog(answer: SipResponse, method: string): SipRequest {
  const request = inviteOf({
    Via: `SIP/2.0/TCP 192.0.2.10:5062;branch=z9hG4bK${method}`,
    To: `<sip:442079460000@198.51.100.1>;tag=${to(answer).tag ?? ''}`,
    CSeq: `18 ${method}`,
    ...(method === 'INVITE' ? {} : { Contact: '' }),
  });
  const uri = /<([^>]*)>/.exec(answer.headers.get('Contact') ?? '')?.[1] ?? '';
  return Object.assign(request, { method, uri });
}

test('CALL-02 over TCP a request in the dialog goes to the callee’s Contact, its response back by the caller’s connection, on any pod', async () => {
  const { tcp, answer } = await answeredOverTcp();
  await tcp.take(1, inDialog(answer, 'INFO'), caller);
  const info = tcp.lastRequest;
  assert.equal(info.method, 'INFO');
  assert.equal(tcp.last.to.transport, 'tcp');
  assert.equal(tcp.last.to.address, '10.0.1.1');
  assert.match(info.headers.get('Via') ?? '', /^SIP\/2\.0\/TCP /);
  await tcp.take(0, responseTo(info, 200, 'OK', { toTag: 'carrier' }), carrier);
  assert.equal(tcp.last.message.kind, 'response');
  assert.deepEqual(tcp.last.to, caller);
});

test('CALL-02 over TCP the callee’s request reaches the caller by its connection, or at its Contact once that is gone', async () => {
  const { tcp } = await answeredOverTcp();
  const invited = tcp.sent.find(
    ({ message }) => message.kind === 'request' && message.method === 'INVITE',
  )?.message;
  const contact = /<([^>]*)>/.exec(invited?.headers.get('Contact') ?? '')?.[1] ?? '';
  assert.ok((parseUri(contact).user ?? '').length > 50);
  const bye = inviteOf({
    Via: 'SIP/2.0/TCP 10.0.1.1:5070;branch=z9hG4bKbye',
    From: `${invited?.headers.get('To') ?? ''};tag=carrier`,
    To: invited?.headers.get('From') ?? '',
    'Call-ID': invited?.headers.get('Call-ID') ?? '',
    CSeq: '1 BYE',
    Contact: '',
  });
  await tcp.take(1, Object.assign(bye, { method: 'BYE', uri: contact }), carrier);
  assert.equal(tcp.lastRequest.method, 'BYE');
  // The flow first; where it is gone, whoever sends connects to the port of the Contact.
  assert.deepEqual(tcp.last.to, { ...caller, port: 5062 });
});

test('CALL-02 a caller that comes back over another connection is reached by that one', async () => {
  const { tcp, answer } = await answeredOverTcp();
  const again: PeerAddress = {
    ...caller,
    port: 50_000,
    flow: { gate: '10.0.9.2:7000', connection: 1 },
  };
  await tcp.take(1, inDialog(answer, 'INVITE'), again);
  const reinvite = tcp.lastRequest;
  assert.equal(reinvite.method, 'INVITE');
  const contact = /<([^>]*)>/.exec(reinvite.headers.get('Contact') ?? '')?.[1] ?? '';
  const info = inviteOf({
    Via: 'SIP/2.0/TCP 10.0.1.1:5070;branch=z9hG4bKinfo',
    From: reinvite.headers.get('To') ?? '',
    To: reinvite.headers.get('From') ?? '',
    'Call-ID': reinvite.headers.get('Call-ID') ?? '',
    CSeq: '1 INFO',
    Contact: '',
  });
  await tcp.take(0, Object.assign(info, { method: 'INFO', uri: contact }), carrier);
  assert.equal(tcp.lastRequest.method, 'INFO');
  assert.deepEqual(tcp.last.to, { ...again, port: 5062 });
});
