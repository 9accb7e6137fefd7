import { readOutline } from '@tandem/sip';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import { EDGE, PodsBench } from './pods-bench.ts';
import type { SimulatedPod } from './simulated-pod.ts';

/** Where a call is when a message of the corpus comes. */
export type Standing =
  | 'calling'
  | 'ringing'
  | 'unacknowledged'
  | 'answered'
  | 'changing'
  | 'refused'
  | 'cancelled'
  | 'ended';

/** A call of three pods, and its two ends. */
export interface Scene {
  readonly bench: PodsBench;
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
}

/** An end that is in no call. */
export interface Sender {
  sendRaw(bytes: Buffer, to: { readonly address: string; readonly port: number }): void;
}

/** What a message of the corpus is made of. */
export interface Draft {
  readonly method: string;
  readonly from: 'caller' | 'callee';
  /** `led`: our Contact with its token; `number`: as the initial INVITE has it, or would. */
  readonly uri: 'led' | 'number';
  readonly toTag: 'none' | 'right' | 'wrong';
  /** That of the INVITE, or a new one. @default 'new' */
  readonly branch?: 'invite' | 'new';
  readonly headers?: Readonly<Record<string, string>>;
}

/** Long enough for what is handed over, short of most repetitions. */
const HEARD_MS = 400;

/** Brings a call of three pods to where it shall be. */
export async function sceneOf(standing: Standing): Promise<Scene> {
  const bench = await PodsBench.start({ seed: 7 });
  const [owner] = bench.pods;
  bench.prefer = () => owner;
  const isAckAutomatic = standing !== 'unacknowledged';
  const a = bench.call({ headers: { Supported: '100rel' }, isAckAutomatic });
  const b = await bench.incoming();
  await arrive({ bench, a, b }, standing);
  return { bench, a, b };
}

async function arrive({ bench, a, b }: Scene, standing: Standing): Promise<void> {
  if (standing === 'calling') return;
  b.ring();
  await bench.until(a.provisional(180));
  switch (standing) {
    case 'ringing':
      return;
    case 'refused':
      b.refuse(486);
      await bench.until(a.final());
      break;
    case 'cancelled':
      await bench.until(a.cancel());
      await bench.until(a.final());
      break;
    case 'unacknowledged':
      b.answer();
      await bench.until(a.answered());
      return;
    case 'answered':
    case 'changing':
    case 'ended':
      b.answer();
      await bench.until(a.answered());
      await bench.until(b.ack());
  }
  if (standing === 'changing') {
    // A re-INVITE that the callee has not answered yet.
    a.reinvite().catch(() => undefined);
    await bench.until(b.receive('INVITE'));
  }
  if (standing === 'ended') {
    const bye = a.bye();
    (await bench.until(b.receive('BYE'))).respond(200);
    await bench.until(bye);
  }
  await bench.settle(50);
}

/** The message as it stands on the wire. */
export function written({ a, b }: Scene, draft: Draft): string {
  const call = draft.from === 'caller' ? a : b;
  const { dialog } = call;
  const { address, port } = draft.from === 'caller' ? { ...CALLER } : { ...CARRIER };
  const isOfInvite = draft.branch === 'invite';
  const isRepeated = isOfInvite && draft.method === 'INVITE';
  const number = isOfInvite ? 1 : 7;
  const name = dialog.remoteParty.replace(/;tag=.*$/, '');
  const tag = { none: '', wrong: ';tag=wrong', right: `;tag=${dialog.remoteTag ?? ''}` };
  const via = isOfInvite
    ? (a.invite.headers.get('Via') ?? '')
    : `SIP/2.0/UDP ${address}:${String(port)};branch=z9hG4bKcorpus`;
  const lines = [
    `${draft.method} ${draft.uri === 'led' ? dialog.remoteTarget : a.invite.uri} SIP/2.0`,
    `Via: ${via}`,
    'Max-Forwards: 70',
    `From: ${dialog.localParty}`,
    `To: ${name}${tag[draft.toTag]}`,
    `Call-ID: ${dialog.callId}`,
    `CSeq: ${String(number)} ${draft.method}`,
    ...(isRepeated ? ['Supported: 100rel'] : []),
    ...(CONTACTS.has(draft.method) ? [`Contact: <sip:x@${address}:${String(port)}>`] : []),
    ...Object.entries(draft.headers ?? {}).map(([header, value]) => `${header}: ${value}`),
    'Content-Length: 0',
  ];
  return [...lines, '', ''].join('\r\n');
}

const CALLER = { address: '10.0.0.2', port: 5062 };
const CARRIER = { address: '10.0.1.1', port: 5070 };
const CONTACTS = new Set(['INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY']);

/** A response of the callee to the INVITE. */
export function responseTo({ b }: Scene, status: number, toTag: 'right' | 'other'): string {
  const { headers } = b.invite;
  const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map(
    (name) => `${name}: ${headers.get(name) ?? ''}`,
  );
  const to = `${headers.get('To') ?? ''};tag=${toTag === 'right' ? (b.dialog.localTag ?? '') : 'fork'}`;
  const lines = [`SIP/2.0 ${String(status)} Whatever`, ...copied, `To: ${to}`];
  const contact = `Contact: <sip:x@${CARRIER.address}:${String(CARRIER.port)}>`;
  return [...lines, contact, 'Content-Length: 0', '', ''].join('\r\n');
}

/**
 * Gives one pod a message, and all that comes of it.
 * @returns what leaves then, each once, and what is told of the call
 */
export async function played(
  scene: Pick<Scene, 'bench'> & Partial<Scene>,
  { bytes, from, pod }: { bytes: Buffer | string; from: Draft['from'] | Sender; pod: SimulatedPod },
): Promise<readonly string[]> {
  const { bench, a, b } = scene;
  bench.prefer = () => pod;
  const sent = bench.network.sent.length;
  const told = bench.told.length;
  for (const call of [a, b]) if (call !== undefined) answerAll(call);
  const peer = from === 'caller' ? bench.alice : from === 'callee' ? bench.carrier : from;
  peer.sendRaw(Buffer.from(bytes), EDGE);
  await bench.settle(HEARD_MS);
  const heard = bench.network.sent
    .slice(sent)
    .filter((datagram) => datagram.from.address === EDGE.address)
    .map((datagram) => `${datagram.to.address} gets ${nameOf(datagram.bytes)}`);
  // In what order things come is a matter of the way.
  return [...new Set(heard)].sort().concat(bench.told.slice(told));
}

const ANSWERED = ['INVITE', 'BYE', 'INFO', 'PRACK', 'UPDATE', 'OPTIONS', 'MESSAGE', 'NOTIFY'];

function answerAll(call: OutgoingCall | IncomingCall): void {
  for (const method of ANSWERED) {
    call.receive(method).then(
      (incoming) => incoming.respond(200, { headers: { Contact: '<sip:x@10.0.1.1:5070>' } }),
      () => undefined,
    );
  }
}

function nameOf(bytes: Buffer): string {
  const { method = '', status = 0, cseqNumber = '', cseqMethod = '' } = readOutline(bytes) ?? {};
  const cseq = `${cseqNumber} ${cseqMethod}`;
  return status === 0 ? `${method} (${cseq})` : `${String(status)} (${cseq})`;
}
