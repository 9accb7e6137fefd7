import type { Cases } from './sentence-case.ts';

const unanswered = {
  'led-to': 'never-answered',
  challenges: 1,
  method: 'INVITE',
  source: '192.0.2.9:5060',
  SS_AUTHCHALLENGEMODE: 3,
  code: 407,
  SS_SIP_AUTHENTICATION_TIMEOUT: '10 s',
  sent: 'no credentials',
  expected: 'Authorization or Proxy-Authorization',
} as const;
const nearest = {
  'nearest-gateway': 'mapping-gateway demo-trunk',
  'nearest-list': '192.0.2.0/29',
} as const;

/** Challenges that led nowhere (AUTH-14, AUTH-15). */
export const challengeCases: Cases<'source-unknown' | 'challenge-unanswered'> = {
  'source-unknown': [
    [
      'No gateway lists the address 192.0.2.9:5060, and such are refused (SS_UNKNOWN_SOURCE refuse); the list of mapping gateway demo-trunk comes nearest (192.0.2.0/29).',
      'unknown-user 4711',
      { SS_UNKNOWN_SOURCE: 'refuse', source: '192.0.2.9:5060', ...nearest },
    ],
    [
      'No gateway lists the address 192.0.2.9:5060, and such are refused (SS_UNKNOWN_SOURCE refuse).',
      'unknown-user 4711',
      { SS_UNKNOWN_SOURCE: 'refuse', source: '192.0.2.9:5060' },
    ],
    [
      'No gateway lists the address 10.0.0.1:5060, and such are refused (SS_UNKNOWN_SOURCE refuse); its Via names 192.0.2.1, which is in the list of mapping gateway demo-trunk (192.0.2.0/29): the network in front of the switch, a load balancer or a node, has put 10.0.0.1 in its place (SNAT).',
      'unknown-user 4711',
      { SS_UNKNOWN_SOURCE: 'refuse', source: '10.0.0.1:5060', ...nearest, 'sent-by': '192.0.2.1' },
    ],
    [
      'No gateway lists the address 10.0.0.1:5060, and such are refused (SS_UNKNOWN_SOURCE refuse); the network in front of the switch hides where clients send from, so that no address proves anything (`tandem network`, TANDEM_SIP_SOURCE).',
      'unknown-user 4711',
      { SS_UNKNOWN_SOURCE: 'refuse', source: '10.0.0.1:5060', ...nearest, 'source-hidden': 'yes' },
    ],
  ],
  'challenge-unanswered': [
    [
      'Unknown user 4711 sent INVITE from 192.0.2.9:5060 with no credentials, and the challenge 407 was never answered within 10 s (1 challenged; expected: Authorization or Proxy-Authorization); no gateway lists the address; the list of mapping gateway demo-trunk comes nearest (192.0.2.0/29).',
      'unknown-user 4711',
      { ...unanswered, ...nearest },
      'IpNotAllowed',
    ],
    [
      'Phone 1001 sent REGISTER from 192.0.2.9:5060 with no credentials, and the challenge 407 was answered by nothing but what is challenged again: a loop within 10 s (4 challenged; expected: Proxy-Authorization); Old PBX 1 is known to answer 401 alone.',
      'phone 1001',
      {
        ...unanswered,
        'led-to': 'loop',
        challenges: 4,
        method: 'REGISTER',
        SS_AUTHCHALLENGEMODE: 2,
        expected: 'Proxy-Authorization',
        'user-agent': 'Old PBX 1',
        'agent-answers': '401',
      },
      'ChallengeUnanswered',
    ],
    [
      'Phone 1001 sent INVITE from 192.0.2.9:5060 with no credentials, and the challenge 407 was answered by the same without credentials within 10 s (2 challenged; expected: Authorization or Proxy-Authorization); RTCC/6.0 is known to answer no challenge.',
      'phone 1001',
      {
        ...unanswered,
        'led-to': 'sent-again',
        challenges: 2,
        'user-agent': 'RTCC/6.0',
        'agent-answers': 'none',
      },
      'ChallengeUnanswered',
    ],
    [
      'Phone 1001 sent INVITE from 192.0.2.9:5060 with no credentials, and the challenge 407 was never answered within 10 s (1 challenged; expected: Authorization or Proxy-Authorization); Cisco-SIPGateway/IOS is known to answer challenges of the realm that is set at its side alone.',
      'phone 1001',
      { ...unanswered, 'user-agent': 'Cisco-SIPGateway/IOS', 'agent-habit': 'own-realm' },
      'ChallengeUnanswered',
    ],
  ],
};
