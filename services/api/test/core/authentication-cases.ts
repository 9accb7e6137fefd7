import { challengeCases } from './challenge-cases.ts';
import type { Cases } from './sentence-case.ts';

const challenge = { SS_AUTHCHALLENGEMODE: 3, code: 407, realm: 'tandem' };
const failures = {
  cause: 'wrong password',
  source: '192.0.2.9:5060',
  'wrong-answers': 7,
  SS_SIP_AUTHENTICATION_RETRY: 6,
  SS_SIP_AUTHENTICATION_TIMEOUT: '10 s',
  failures: 7,
  SS_AUTHENTICATION_MAX_RETRY: 9,
};
/** Who a request is from. */
export const authenticationCases: Cases<
  | 'address-known'
  | 'address-foreign'
  | 'address-hidden'
  | 'source-unknown'
  | 'challenge-unanswered'
  | 'certificate-foreign'
  | 'method-not-permitted'
  | 'challenged'
  | 'challenged-again'
  | 'password-proved'
  | 'password-not-proved'
  | 'not-answered'
  | 'terminal-suspended'
> = {
  ...challengeCases,
  'address-known': [
    [
      'Mapping gateway demo-trunk is known by its address 127.0.0.2:5060 (mode ip).',
      'mapping-gateway demo-trunk',
      { mode: 'ip', source: '127.0.0.2:5060' },
    ],
  ],
  'address-foreign': [
    [
      'The request came from 192.0.2.9:5060, which is not in the list of mapping gateway demo-trunk (127.0.0.2:5060).',
      'mapping-gateway demo-trunk',
      { mode: 'ip-port', source: '192.0.2.9:5060', allowed: '127.0.0.2:5060' },
    ],
  ],
  'address-hidden': [
    [
      'The network in front of the switch hides where clients send from, so the address 10.0.0.1:61000 does not prove that it is mapping gateway demo-trunk (mode ip).',
      'mapping-gateway demo-trunk',
      { mode: 'ip', source: '10.0.0.1:61000', 'source-hidden': 'yes', allowed: '127.0.0.2/32' },
    ],
  ],
  'certificate-foreign': [
    [
      'Mapping gateway demo-trunk called over tls with a certificate for other.example, and must show one for pbx.example.',
      'mapping-gateway demo-trunk',
      { transport: 'tls', shown: 'other.example', allowed: 'pbx.example' },
    ],
  ],
  'method-not-permitted': [
    [
      'Mapping gateway office proved who it is, and is not set up to register.',
      'mapping-gateway office',
      { method: 'REGISTER' },
    ],
    [
      "Routing gateway gsm-1 proved who it is, and only takes calls: it is no mapping gateway, and nobody's account would pay.",
      'routing-gateway gsm-1',
      { method: 'INVITE' },
    ],
  ],
  challenged: [
    [
      'Phone 1001 was challenged with 407 in realm tandem: no credentials.',
      'phone 1001',
      { ...challenge, cause: 'no credentials' },
    ],
  ],
  'challenged-again': [
    [
      'Phone 1001 was challenged with 407 in realm tandem: wrong password.',
      'phone 1001',
      { ...challenge, ...failures },
    ],
  ],
  'password-proved': [
    [
      'Phone 1001 proved its password by MD5 in realm tandem.',
      'phone 1001',
      { mode: 'password', realm: 'tandem', algorithm: 'MD5' },
    ],
    [
      'Phone 1001 proved its previous password by MD5 in realm tandem.',
      'phone 1001',
      { mode: 'password', realm: 'tandem', algorithm: 'MD5', password: 'previous' },
    ],
  ],
  'password-not-proved': [
    [
      'Phone 1001 did not prove who it is: wrong password, 7 wrong answers; the limit is SS_SIP_AUTHENTICATION_RETRY 6.',
      'phone 1001',
      { 'decided-by': 'SS_SIP_AUTHENTICATION_RETRY', ...failures },
    ],
    [
      'Phone 1001 did not prove who it is: wrong password, 7 wrong answers; the limit is SS_SIP_AUTHENTICATION_TIMEOUT 10 s.',
      'phone 1001',
      { 'decided-by': 'SS_SIP_AUTHENTICATION_TIMEOUT', ...failures },
    ],
  ],
  'not-answered': [
    [
      'Whatever comes from 192.0.2.9 gets no answer: source denied (192.0.2.0/24 in security.deny).',
      '',
      {
        cause: 'source denied',
        source: '192.0.2.9:5060',
        explanation: '192.0.2.0/24 in security.deny',
      },
    ],
  ],
  'terminal-suspended': [
    [
      'Phone 1001 is suspended from 2026-11-21T10:00:00.000Z until 2026-11-21T10:03:00.000Z after 7 failures (SS_AUTHENTICATION_MAX_RETRY 6), the last one from 192.0.2.9:5060: wrong password.',
      'phone 1001',
      {
        SS_AUTHENTICATION_MAX_RETRY: 6,
        failures: 7,
        SS_AUTHENTICATION_FAILED_SUSPEND: '180 s',
        'suspended-since': '2026-11-21T10:00:00.000Z',
        'suspended-until': '2026-11-21T10:03:00.000Z',
        cause: 'wrong password',
        'last-source': '192.0.2.9:5060',
      },
    ],
  ],
};
