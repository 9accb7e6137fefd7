import type { Decision, FactsOf } from '@tandem/domain';
import { readable, step, trouble } from './wording.ts';
import type { Wording, Wordings } from './wording.ts';

/** What the edge decides, in words. */
export const edgeWordings: Wordings<
  | 'malformed-response'
  | 'final-response'
  | 'code-mapped'
  | 'progress-mapped'
  | 'redirect-followed'
  | 'redirect-not-followed'
  | 'redirect-unresolved'
  | 'best-response'
  | 'failover-went-on'
  | 'failover-ended'
  | 'credentials-refused'
  | 'invite-signed'
  | 'invite-not-signed'
  | 'dialog-challenge-answered'
  | 'dialog-challenge-refused'
  | 'nothing-received'
  | 'no-final-response'
  | 'unreachable'
  | 'no-listener'
  | 'own-address'
  | 'cancelled'
  | 'part-away'
  | 'media-anchored'
  | 'media-relay-away'
  | 'description-invalid'
  | 'left-early'
  | 'forked'
  | 'overloaded'
  | 'adopted'
> = {
  'malformed-response': ({ subject, facts }) =>
    step(
      `${readable(subject)} answered ${String(facts.code)} with faults, and was understood all the same: ${facts.faults} (${facts.address})`,
    ),
  'final-response': finalResponse,
  'code-mapped': ({ subject, facts }) =>
    step(`${String(facts.from)} was told as ${String(facts.to)}: ${mapOf(subject, facts)}`),
  'progress-mapped': ({ subject, facts }) => {
    const { from, to, sdp } = facts;
    const code = from === to ? String(from) : `${String(from)} told as ${String(to)}`;
    const media = sdp === 'none' ? '' : `, its session description was ${sdp}`;
    return step(`the caller heard ${code} of ${readable(subject)}${media} (provisional)`);
  },
  'redirect-followed': ({ subject, facts }) =>
    step(
      `${readable(subject)} answered ${String(facts.code)} and named ${facts.contact}, which is called at ${facts.address} (redirects: follow)`,
    ),
  'redirect-not-followed': ({ subject, facts }) =>
    step(
      `${readable(subject)} answered ${String(facts.code)} and named ${facts.contact}, which is not called: ${facts.cause}`,
    ),
  'redirect-unresolved': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} sent the call on to ${facts.name}, which has no address: ${facts.cause}`,
      `See whether the name servers of routing know ${facts.name}, or have ${readable(subject)} name an address.`,
    ),
  'best-response': ({ facts }) =>
    step(
      `of ${String(facts.attempts)} attempts that failed, the best answer goes back to the caller: ${String(facts.code)}, not the last one, ${String(facts.last)}`,
    ),
  'failover-went-on': ({ subject, facts }) =>
    step(
      `another gateway was asked for after ${failureOf(facts, subject)}${
        facts.stopCodes === undefined ? '' : `, which is not in its stopCodes (${facts.stopCodes})`
      }`,
    ),
  'failover-ended': ({ subject, facts }) =>
    step(
      `no other gateway was tried after ${failureOf(facts, subject)}: ${endWords(subject, facts)}`,
    ),
  'credentials-refused': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} could not be used: ${facts.cause}`,
      `Make username and password of ${readable(subject)} what the carrier expects.`,
    ),
  'invite-signed': ({ subject, facts }) =>
    step(
      `the call to ${readable(subject)} was signed with certificate ${facts.certificate}, attestation ${facts.attestation}: ${facts.because}`,
    ),
  'invite-not-signed': ({ subject, facts }) =>
    step(`the call to ${readable(subject)} was not signed: ${facts.cause}`),
  'dialog-challenge-answered': ({ subject, facts }) =>
    step(
      `${readable(subject)} challenged the ${facts.method} in the dialog (${String(facts.code)}), and was given our credentials for ${facts.realms}`,
    ),
  'dialog-challenge-refused': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} challenged the ${facts.method} in the dialog (${String(facts.code)}), and it was not carried out there: ${facts.cause}${facts.method === 'BYE' ? '; the call was ended here all the same' : ''}`,
      `Make username and password of ${readable(subject)} what it expects, or have it challenge nothing in a call.`,
    ),
  'nothing-received': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} sent nothing at all within ${seconds(facts['waited-ms'])} (${facts.timer}) from ${facts.address}`,
      `See whether ${facts.address} is up and can be reached from here; ${facts.timer}, or the gateway's own timers, say how long to wait.`,
    ),
  'no-final-response': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} answered provisionally and then nothing more came within ${seconds(facts['waited-ms'])} (${facts.timer})`,
      `The callee did not answer in time; ${facts.timer}, or the gateway's own timers, say how long to wait.`,
    ),
  unreachable: ({ subject, facts }) =>
    trouble(
      `${readable(subject)} could not be used: the connection broke (${facts.address})`,
      checkGateway(subject, facts.address),
    ),
  'no-listener': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} could not be used: ${noListener(facts)}`,
      `Listen in the IP version and by the transport of ${facts.address} (TANDEM_SIP_LISTEN) and advertise that address (TANDEM_SIP_ADVERTISED), or change addresses, transport or localAddress of ${readable(subject)}.`,
    ),
  'own-address': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} could not be used: ${facts.address} is an address of this switch, and the call would come back to it`,
      `Write the carrier's address into addresses of ${readable(subject)}.`,
    ),
  cancelled: ({ facts }) =>
    trouble(
      `the caller gave up after ${seconds(facts['after-ms'])} ${facts.rang === 'yes' ? 'while it was ringing' : 'before it rang'}${facts.reason === undefined ? '' : `, and said why: ${facts.reason}`}`,
      'Nothing on this side: the caller ended the call before it was answered.',
    ),
  'part-away': ({ subject, facts }) =>
    trouble(
      `a part of the switch that the call needs was away (${subject}): ${facts.error}`,
      'Bring it back: its log says why it went. Calls that exist are not concerned.',
    ),
  'media-anchored': ({ facts }) =>
    step(`its media went through relay ${facts.relay} (${facts.why})`),
  'media-relay-away': ({ subject, facts }) =>
    trouble(
      `no media relay answered, and ${readable(subject)} ${facts.policy === 'required' ? 'may not be called' : 'was called'} without one (media.relay ${facts.policy}; ${facts.why})`,
      'Start a relay of TANDEM_RTPENGINES, or see why it does not answer; media.relay: optional lets calls go on without one.',
    ),
  'description-invalid': ({ subject, facts }) => {
    const sender = subject === 'caller' ? 'the caller' : readable(subject);
    return trouble(
      `the session description of ${sender} cannot be anchored: ${facts.error}`,
      `Correct what ${sender} sends; media.mode: pass lets it through as it is.`,
    );
  },
  'left-early': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} sent BYE before it had answered (${facts.address})`,
      'Ask the operator of the gateway: a call that is not answered is refused, not ended.',
    ),
  forked: ({ subject, facts }) =>
    step(
      `${readable(subject)} answered ${String(facts.code)} for a second callee, so that the caller had an early dialog with each (${facts.address})`,
    ),
  overloaded: ({ subject, facts }) => {
    const { cause, rate, share, demand, refused } = facts;
    const others = `${String(refused)} of its calls were refused since that began`;
    if (cause === 'share') {
      return trouble(
        `the switch was past its capacity (${overLimit(facts)}), and ${readable(subject)} sent ${String(demand)} calls a second where its share of ${String(rate)} was ${String(share)}; ${others}`,
        `Let ${readable(subject)} call more slowly, or add an edge.`,
      );
    }
    if (cause === 'most-rate') {
      return trouble(
        `the edge begins no more than ${String(rate)} calls a second (TANDEM_OVERLOAD_RATE); ${others}`,
        'Raise TANDEM_OVERLOAD_RATE, or add an edge.',
      );
    }
    return trouble(
      `the switch was past its capacity (${overLimit(facts)}), and began ${String(rate)} calls a second; ${others}`,
      cause === 'set-up-delay'
        ? 'See what keeps auth, routing or Redis from answering, or let the callers repeat the call later.'
        : 'Add an edge, or let the callers repeat the call later.',
    );
  },
  // A call outlives its pod: another one took it over (edge.md §5).
  adopted: ({ subject, facts }) =>
    step(
      `${readable(subject)} took the call over from ${facts.from}, ${adoptionCause(facts.cause)}`,
    ),
};

/** The rule that made another code of one. */
function mapOf(subject: string, { map, cause }: Decision<'code-mapped'>['facts']): string {
  switch (map) {
    case 'codeMap':
      return `codeMap of ${readable(subject)} says so`;
    case 'q850':
      return `its Reason names cause ${String(cause ?? 0)} of Q.850 (q850 of ${readable(subject)}, RFC 3398)`;
    case 'RFC 3261 16.7':
      return 'a 503 of a carrier says nothing of the switch (RFC 3261 §16.7); codeMap of the gateway may say otherwise';
  }
}

function finalResponse({ subject, reason, facts }: Decision<'final-response'>): Wording {
  const { code, phrase, address, 'retry-after': rest } = facts;
  if (reason === 'BadGateway') {
    return trouble(
      `${readable(subject)} could not be used: it answered ${String(code)} ${phrase} (${address})`,
      checkGateway(subject, address),
    );
  }
  return trouble(
    `${readable(subject)} answered ${String(code)} ${phrase}`.trimEnd() +
      (rest === undefined ? '' : ` and wants no calls for ${String(rest)} s`),
    "That is the callee's or the carrier's own answer; a code that should lead to the next gateway must not be in stopCodes.",
  );
}

function noListener({
  address,
  transport,
  'local-address': local,
}: Decision<'no-listener'>['facts']): string {
  return local === ''
    ? `the switch has no address that ${address} could answer to over ${transport}`
    : `the switch is not at ${local} for ${address} over ${transport}`;
}

function checkGateway(subject: string, address: string): string {
  return `See whether ${readable(subject)} is up and speaks SIP at ${address}.`;
}

function overLimit({ measured, parameter, ...facts }: Decision<'overloaded'>['facts']): string {
  const value = `${String(facts['measured-ms'])} ms, ${parameter}=${String(facts['limit-ms'])}`;
  switch (measured) {
    case 'loop-delay':
      return `its event loop was late by ${value}`;
    case 'queue-delay':
      return `datagrams waited for ${value}`;
    case 'set-up-delay':
      return `calls waited to be routed for ${value}`;
  }
}

function adoptionCause(cause: Decision<'adopted'>['facts']['cause']): string {
  switch (cause) {
    case 'offer':
      return 'which was being shut down and offered it';
    case 'sweep':
      return 'which had gone; a sweep found it';
    case 'message':
      return 'which had gone when a message of the call came';
  }
}

function seconds(ms: number): string {
  return `${String(Math.round(ms / 100) / 10)} s`;
}

/** "503 of routing gateway a". */
function failureOf({ code }: { readonly code: number }, subject: string): string {
  return `${String(code)} of ${readable(subject)}`;
}

/** ROUTE-17: which setting, or what else, has ended the search. */
function endWords(
  subject: string,
  { attempts, cause, limit, stopCodes }: FactsOf<'failover-ended'>,
): string {
  switch (cause) {
    case 'stop-code':
      return `it is in the stopCodes of ${readable(subject)} (${stopCodes ?? ''})`;
    case 'switch-until-connect':
      return `switchUntilConnect of ${readable(subject)} is false`;
    case 'switch-limit':
      return `${String(attempts)} attempts were made, and SS_GATEWAY_SWITCH_LIMIT is ${String(limit)}`;
    case 'early-media':
      return 'the caller had heard early media (SS_SIP_STOP_SWITCH_AFTER_SDP)';
    case 'candidates-used-up':
      return attempts === 1
        ? 'there was no other'
        : `all had been tried, ${String(attempts)} attempts`;
    case 'caller-description':
      return "the caller's session description is the same for all";
    case 'redirection':
      return 'where it leads is for the caller to follow (redirects: pass)';
    case 'session-interval':
      return 'the caller is to ask again with a longer session interval (RFC 4028)';
    case 'invites-used-up':
      return 'there were too many INVITEs for one call';
  }
}
