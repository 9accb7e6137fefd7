import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseHostPort } from '@tandem/config';
import { ScriptedPeer, sdpBody } from '@tandem/testing';
import { z } from 'zod';

/** The REST API of the switch. */
export interface ApiPlace {
  /** Such as http://127.0.0.1:8080. */
  readonly url: string;
  readonly token: string;
}

/** A call that is to be answered and charged. */
export interface FirstCall {
  /** Address of the caller; the switch answers to it. */
  readonly address: string;
  /** `host:port` of the switch, over UDP, with or without `udp:` before it. */
  readonly target: string;
  readonly number: string;
  readonly username: string;
  readonly password: string;
  /** From the answer to the BYE. @default 1000 */
  readonly talkMs?: number;
  /** How long the CDR may take after that. @default 30000 */
  readonly cdrTimeoutMs?: number;
}

const cdrSchema = z.object({
  callId: z.string(),
  code: z.number(),
  reason: z.string(),
  billedSeconds: z.number(),
  price: z.string().nullable(),
  currency: z.string(),
  gateway: z.string(),
});

/** How long the answer may take. */
const ANSWER_LIMIT_MS = 30_000;

/** What became of the call. */
export type FirstCdr = z.output<typeof cdrSchema>;

const findingsSchema = z.object({
  edge: z.string(),
  findings: z.array(
    z.object({
      transport: z.string(),
      target: z.string(),
      source: z.string(),
      leadsHere: z.string(),
      text: z.string(),
    }),
  ),
});

/** What an edge found of its network. */
export type NetworkFindings = z.output<typeof findingsSchema>;

/** Has an edge test its network (CALL-07). @throws Error where the API does not answer */
export async function testNetwork(api: ApiPlace): Promise<NetworkFindings> {
  const response = await ask(api, '/network-tests', 'POST');
  if (!response.ok) throw new Error(`the network was not tested: ${await said(response)}`);
  return findingsSchema.parse(await response.json());
}

/**
 * Calls, hangs up after a moment, and waits for the CDR.
 * @throws Error that says what did not happen
 */
export async function makeFirstCall(api: ApiPlace, call: FirstCall): Promise<FirstCdr> {
  const { number, username, password, talkMs = 1000, cdrTimeoutMs = 30_000 } = call;
  const to = await placeOf(call.target);
  const peer = await ScriptedPeer.onUdp({
    address: call.address,
    user: username,
    credentials: { username, password },
    timeoutMs: ANSWER_LIMIT_MS,
  });
  try {
    const called = `sip:${number}@${call.target.replace(/^udp:/, '')}`;
    const outgoing = peer.invite({ to, called, sdp: sdpBody({ address: call.address }) });
    await outgoing.answered();
    await sleep(talkMs);
    const { status } = await outgoing.bye();
    if (status !== 200) throw new Error(`BYE was answered with ${String(status)}`);
    return await cdrOf(api, outgoing.invite.headers.get('Call-ID') ?? '', cdrTimeoutMs);
  } finally {
    await peer.close();
  }
}

async function cdrOf(api: ApiPlace, sipCallId: string, timeoutMs: number): Promise<FirstCdr> {
  const limit = Date.now() + timeoutMs;
  for (;;) {
    const response = await ask(api, `/cdrs/${encodeURIComponent(sipCallId)}`);
    if (response.ok) return cdrSchema.parse(await response.json());
    if (response.status !== 404 || Date.now() > limit) {
      throw new Error(`the call was answered, but there is no CDR of it: ${await said(response)}`);
    }
    await sleep(200);
  }
}

async function placeOf(target: string): Promise<{ address: string; port: number }> {
  const parsed = parseHostPort(target.replace(/^udp:/, ''), 5060);
  if (typeof parsed === 'string') throw new Error(`"${target}" is no host:port: ${parsed}`);
  const { address } = await lookup(parsed.host);
  return { address, port: parsed.port };
}

function ask({ url, token }: ApiPlace, path: string, method = 'GET'): Promise<Response> {
  return fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  });
}

async function said(response: Response): Promise<string> {
  return `${String(response.status)} ${await response.text()}`;
}
