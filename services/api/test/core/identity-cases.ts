import type { Cases } from './sentence-case.ts';

const signature = {
  attestation: 'A',
  origid: 'o-1',
  number: '441632960123',
  certificate: 'https://c.example.org/a.pem',
};

/** CALL-12: who calls, and signed numbers. */
export const identityCases: Cases<
  | 'caller-asserted'
  | 'identity-not-taken'
  | 'anonymity-refused'
  | 'gateway-not-trusted'
  | 'identity-verified'
  | 'identity-not-verified'
  | 'identity-refused'
  | 'invite-signed'
  | 'invite-not-signed'
> = {
  'caller-asserted': [
    [
      'Caller +441632960123 is asserted, by P-Asserted-Identity; From says anonymous, Privacy id.',
      'caller +441632960123',
      { by: 'pai', from: 'anonymous', privacy: 'id' },
    ],
    [
      'Caller +441632960123 is asserted, by the configuration (callerId); From says 1001, Privacy none.',
      'caller +441632960123',
      { by: 'callerId', from: '1001', privacy: 'none' },
    ],
  ],
  'identity-not-taken': [
    [
      'P-Asserted-Identity of mapping gateway trunk does not count: mapping-gateway trunk is not trusted.',
      'mapping-gateway trunk',
      { header: 'P-Asserted-Identity', cause: 'mapping-gateway trunk is not trusted' },
    ],
  ],
  'anonymity-refused': [
    [
      'Mapping gateway trunk may not call anonymously (identity.anonymous: refuse, Privacy id).',
      'mapping-gateway trunk',
      { anonymous: 'refuse', privacy: 'id' },
    ],
    [
      'Mapping gateway trunk may not call without a number that is asserted (identity.anonymous: asserted, Privacy none).',
      'mapping-gateway trunk',
      { anonymous: 'asserted', privacy: 'none' },
    ],
  ],
  'gateway-not-trusted': [
    [
      "Routing gateway a was left out: it is not trusted, and the caller's privacy is critical (session;critical).",
      'routing-gateway a',
      { prefix: '44', privacy: 'session;critical' },
    ],
  ],
  'identity-verified': [
    [
      'The signature of the call is good: 441632960123, attestation A, certificate https://c.example.org/a.pem.',
      'mapping-gateway trunk',
      { verify: 'refuse', ...signature },
    ],
  ],
  'identity-not-verified': [
    [
      'The signature of the call is missing: the call is not signed; mapping gateway trunk lets it through (stir.verify: note).',
      'mapping-gateway trunk',
      { verify: 'note', verdict: 'missing', cause: 'the call is not signed' },
    ],
  ],
  'identity-refused': [
    [
      'The signature of the call is invalid: its signature is wrong (stir.verify: refuse of mapping gateway trunk).',
      'mapping-gateway trunk',
      { verify: 'refuse', verdict: 'invalid', cause: 'its signature is wrong', ...signature },
      'IdentityInvalid',
    ],
  ],
  'invite-signed': [
    [
      'The call to routing gateway a was signed with certificate main, attestation A: it is a number of account demo.',
      'routing-gateway a',
      { attestation: 'A', because: 'it is a number of account demo', certificate: 'main' },
    ],
  ],
  'invite-not-signed': [
    [
      'The call to routing gateway a was not signed: main.key is not to be had.',
      'routing-gateway a',
      { cause: 'main.key is not to be had' },
    ],
  ],
};
