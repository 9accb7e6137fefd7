import type { Decision } from '@tandem/domain';
import { knownOf, remedyOfHabit } from './agents.ts';
import { generalWordings } from './reasons.ts';
import {
  remedyOfFault,
  remedyOfHiddenSource,
  remedyOfSent,
  remedyOfSilence,
} from './credential-remedies.ts';
import { remedyOfSignature } from './signatures.ts';
import { hostOf, readable, step, trouble } from './wording.ts';
import type { Wording, Wordings } from './wording.ts';

/** What auth decides, in words. */
export const authWordings: Wordings<
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
  | 'identity-verified'
  | 'identity-not-verified'
  | 'identity-refused'
> = {
  'address-known': ({ subject, facts }) =>
    step(`${readable(subject)} is known by its address ${facts.source} (mode ${facts.mode})`),
  'address-foreign': ({ subject, facts }) =>
    trouble(
      `the request came from ${facts.source}, which is not in the list of ${readable(subject)} (${facts.allowed})`,
      `Add ${facts.mode === 'ip-port' ? facts.source : hostOf(facts.source)} to ${listOf(subject)}, if the call should be let in.`,
    ),
  'address-hidden': ({ subject, facts }) =>
    trouble(
      `the network in front of the switch hides where clients send from, so the address ${facts.source} does not prove that it is ${readable(subject)} (mode ${facts.mode})`,
      remedyOfHiddenSource(readable(subject)),
    ),
  'source-unknown': ({ facts }) =>
    trouble(
      `no gateway lists the address ${facts.source}, and such are refused (SS_UNKNOWN_SOURCE ${facts.SS_UNKNOWN_SOURCE})${nearestOf(facts)}`,
      changeOfList(facts),
    ),
  'challenge-unanswered': unanswered,
  'certificate-foreign': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} called over ${facts.transport} with ${facts.shown === '' ? 'no certificate that is trusted' : `a certificate for ${facts.shown}`}, and must show one for ${facts.allowed}`,
      `Have it call over TLS with a certificate of an authority in TANDEM_SIP_TLS_CA, or change certificateNames of ${readable(subject)}.`,
    ),
  'method-not-permitted': ({ subject, facts: { method } }) =>
    method === 'REGISTER'
      ? trouble(
          `${readable(subject)} proved who it is, and is not set up to register`,
          `Give ${readable(subject)} a registration in the configuration (registration: {}), if it is to register.`,
        )
      : trouble(
          `${readable(subject)} proved who it is, and only takes calls: it is no mapping gateway, and nobody's account would pay`,
          `Add a mapping gateway of the same name with authentication.mode: password and registration: {}, if it is to make calls.`,
        ),
  challenged,
  'challenged-again': challenged,
  'password-proved': ({ subject, facts }) =>
    step(
      `${readable(subject)} proved its ${facts.password === 'previous' ? 'previous ' : ''}password by ${facts.algorithm} in realm ${facts.realm}`,
    ),
  'password-not-proved': ({ subject, facts }) => {
    const limit = facts['decided-by'];
    return trouble(
      `${readable(subject)} did not prove who it is: ${facts.cause}${sentAndExpected(facts)}, ${String(facts['wrong-answers'])} wrong answers; the limit is ${limit} ${String(facts[limit])}`,
      remedyOfFault(facts.cause, subject, facts.explanation),
    );
  },
  'identity-verified': ({ facts }) =>
    step(
      `the signature of the call is good: ${facts.number}, attestation ${facts.attestation}, certificate ${facts.certificate}`,
    ),
  'identity-not-verified': ({ subject, facts }) =>
    step(
      `the signature of the call is ${facts.verdict}: ${facts.cause}; ${readable(subject)} lets it through (stir.verify: ${facts.verify})`,
    ),
  'identity-refused': ({ subject, reason, facts }) =>
    trouble(
      `the signature of the call is ${facts.verdict}: ${facts.cause} (stir.verify: ${facts.verify} of ${readable(subject)})`,
      remedyOfSignature(facts.cause, facts.certificate) ?? generalWordings[reason].change,
    ),
  'not-answered': ({ facts: { cause, explanation, source } }) =>
    trouble(
      `whatever comes from ${hostOf(source)} gets no answer: ${cause} (${explanation})`,
      remedyOfSilence(cause, hostOf(source)),
    ),
  'terminal-suspended': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} is suspended from ${facts['suspended-since']} until ${facts['suspended-until']} after ${String(facts.failures)} failures (${facts['decided-by'] ?? 'SS_AUTHENTICATION_MAX_RETRY'} ${String(facts.SS_AUTHENTICATION_MAX_RETRY)}), the last one from ${facts['last-source']}: ${facts.cause}${sentAndExpected(facts)}`,
      `${remedyOfFault(facts.cause, subject.replace(/ at .*$/, ''), facts.explanation)} Then wait until ${facts['suspended-until']}, or lift it: \`tandem suspensions lift "${subject}"\`.`,
    ),
};

function challenged({ subject, facts }: Decision<'challenged' | 'challenged-again'>): Wording {
  const explanation = 'explanation' in facts ? sentAndExpected(facts) : '';
  return step(
    `${readable(subject)} was challenged with ${String(facts.code)} in realm ${facts.realm}: ${facts.cause}${explanation}`,
  );
}

function sentAndExpected({ explanation }: { readonly explanation?: string | undefined }): string {
  return explanation === undefined ? '' : ` (${explanation})`;
}

const ends = {
  'never-answered': 'never answered',
  'sent-again': 'answered by the same without credentials',
  unreadable: 'answered by credentials that cannot be read',
  'nonce-not-good': 'never answered, after one with another nonce',
  loop: 'answered by nothing but what is challenged again: a loop',
} as const;

function unanswered({ subject, reason, facts }: Decision<'challenge-unanswered'>): Wording {
  const agent = facts['agent-answers'];
  const behaves = knownOf(facts);
  const known = behaves === '' ? '' : `; ${facts['user-agent'] ?? 'it'} ${behaves}`;
  const why = `${readable(subject)} sent ${facts.method} from ${facts.source} with ${facts.sent}, and the challenge ${String(facts.code)} was ${ends[facts['led-to']]} within ${facts.SS_SIP_AUTHENTICATION_TIMEOUT} (${String(facts.challenges)} challenged; expected: ${facts.expected})${known}`;
  const wanted = agent !== undefined && agent !== 'none' && agent !== String(facts.code);
  const mode = agent === '401' ? '1' : '2';
  const change =
    remedyOfSent(facts.sent, readable(subject)) ??
    (wanted
      ? `Set SS_AUTHCHALLENGEMODE to ${mode} (now ${String(facts.SS_AUTHCHALLENGEMODE)}), which challenges with ${agent}.`
      : (remedyOfHabit(facts['agent-habit']) ??
        'Give it its user name and password, and have it answer challenges.'));
  return reason === 'IpNotAllowed'
    ? trouble(`${why}${unlisted(facts)}${nearestOf(facts)}`, changeOfList(facts))
    : trouble(why, change);
}

/** Where the addresses of a phone or gateway stand. */
function listOf(subject: string): string {
  const key = subject.startsWith('phone ') ? 'addresses' : 'authentication.addresses';
  return `${key} of ${readable(subject)}`;
}

type PlaceFacts = Pick<
  Decision<'source-unknown'>['facts'],
  'source' | 'nearest-gateway' | 'nearest-list' | 'source-hidden' | 'sent-by'
>;

/** In whose list it should have been, or why that says nothing. */
function nearestOf(facts: PlaceFacts): string {
  const { 'nearest-gateway': gateway, 'nearest-list': list = '', 'sent-by': sentBy } = facts;
  if (sentBy !== undefined) {
    return `; its Via names ${sentBy}, which is in the list of ${readable(gateway ?? '')} (${list}): the network in front of the switch, a load balancer or a node, has put ${hostOf(facts.source)} in its place (SNAT)`;
  }
  if (facts['source-hidden'] === 'yes') {
    return '; the network in front of the switch hides where clients send from, so that no address proves anything (`tandem network`, TANDEM_SIP_SOURCE)';
  }
  if (gateway?.startsWith('phone ') === true) return `; ${gateway} is let in from ${list} alone`;
  return gateway === undefined ? '' : `; the list of ${readable(gateway)} comes nearest (${list})`;
}

/** A phone need not be in the list of a gateway. */
function unlisted({ 'nearest-gateway': gateway = '' }: PlaceFacts): string {
  return gateway.startsWith('phone ') ? '' : '; no gateway lists the address';
}

function changeOfList(facts: PlaceFacts): string {
  const { source, 'nearest-gateway': gateway = 'a mapping gateway' } = facts;
  if (facts['sent-by'] !== undefined) return remedyOfHiddenSource(readable(gateway));
  if (facts['source-hidden'] === 'yes') return remedyOfHiddenSource('its gateway');
  return `Add ${hostOf(source)} to ${listOf(gateway)}, if the call should be let in.`;
}
