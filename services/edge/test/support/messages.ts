import { Headers, SipRequest, SipResponse } from '@tandem/sip';
import type { LocalIdentity } from '../../src/core/network/local-identity.ts';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import { Sealer } from '../../src/core/marks/seal.ts';

/** Key that all edges of a test share. */
export const sealer = new Sealer([Buffer.alloc(32, 7)]);

export const local: LocalIdentity = {
  name: 'edge-1',
  slot: 3,
  epoch: 77,
  host: '198.51.100.1',
  hostPort: '198.51.100.1:5060',
};

export const source: PeerAddress = { address: '192.0.2.10', port: 5062 };

/** A call id as the edge makes them: 12 bytes in base64url. */
export const CALL_ID = 'AAECAwQFBgcICQoL';

export const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.10',
  's=-',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'm=audio 40000 RTP/AVP 8 101',
  'a=rtpmap:101 telephone-event/8000',
  '',
].join('\r\n');

/** An INVITE as a caller writes it; `extra` replaces headers of the same name, an empty value takes one away. */
export function inviteOf(extra: Readonly<Record<string, string>> = {}, body = ''): SipRequest {
  const headers = new Headers([
    ['Via', 'SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKcaller'],
    ['Max-Forwards', '70'],
    ['From', '"Alice" <sip:1001@office.example>;tag=alice'],
    ['To', '<sip:442079460000@198.51.100.1>'],
    ['Call-ID', 'call@office.example'],
    ['CSeq', '17 INVITE'],
    ['Contact', '<sip:1001@192.0.2.10:5062>'],
  ]);
  replace(headers, extra);
  return new SipRequest(
    'INVITE',
    'sip:442079460000@198.51.100.1:5060',
    headers,
    Buffer.from(body, 'latin1'),
  );
}

/** A response of a carrier to leg B's INVITE. */
export function carrierResponse(
  status: number,
  extra: Readonly<Record<string, string>> = {},
  body = '',
): SipResponse {
  const headers = new Headers([
    ['Via', 'SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKours'],
    ['From', '"Alice" <sip:1001@198.51.100.1>;tag=alice'],
    ['To', '<sip:442079460000@203.0.113.5:5070>;tag=carrier'],
    ['Call-ID', CALL_ID],
    ['CSeq', '17 INVITE'],
    ['Contact', '<sip:gw@203.0.113.5:5071>'],
  ]);
  replace(headers, extra);
  return new SipResponse(status, phraseOf(status), headers, Buffer.from(body, 'latin1'));
}

function replace(headers: Headers, extra: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(extra)) {
    headers.remove(name);
    if (value !== '') headers.append(name, value);
  }
}

function phraseOf(status: number): string {
  const phrases: Readonly<Record<number, string>> = {
    100: 'Trying',
    180: 'Ringing',
    183: 'Session Progress',
    200: 'OK',
    401: 'Unauthorized',
    407: 'Proxy Authentication Required',
    486: 'Busy Here',
    503: 'Service Unavailable',
  };
  return phrases[status] ?? 'Whatever';
}
