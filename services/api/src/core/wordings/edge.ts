import type { Decision, FactsOf } from '@tandem/domain';
import { reasonPhrase } from '@tandem/sip';
import { reasonInWords, remedyOfCode } from './remedies.ts';
import { certificateRemedy, remedyOfUnreachable, protocolRemedy } from './network-remedies.ts';
import { awayPart } from './parts.ts';
import { isPhone, nameIn, readable, seconds, step, trouble } from './wording.ts';
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
  | 'ended-by-operator'
  | 'part-away'
  | 'media-anchored'
  | 'media-relay-away'
  | 'description-invalid'
  | 'money-ended'
  | 'left-early'
  | 'forked'
  | 'overloaded'
  | 'adopted'
  | 'caller-elsewhere'
> = {
  'caller-elsewhere': ({ subject, facts }) => step(elsewhere(subject, facts)),
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
  'failover-ended': failoverEnded,
  'credentials-refused': credentialsRefused,
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
  'nothing-received': ({ subject, facts }) => {
    const { address, network = '', times } = facts;
    const often = times === undefined ? '' : `; the call was sent there ${timesIn(times)}`;
    const said = network === '' ? '' : `, and ${network}`;
    return trouble(
      `${readable(subject)} sent nothing at all within ${seconds(facts['waited-ms'])} (${timerIn(subject, facts)}) from ${address}${often}${said}`,
      isPhone(subject)
        ? `See whether the phone still has power and network, and whether a NAT or firewall on the way has forgotten it: \`tandem explain registration ${nameIn(subject)}\` says when it was heard last.`
        : (protocolRemedy(subject, network) ??
            `See whether ${address} is its address and port, whether it is up, and whether a firewall lets SIP pass both ways (\`tandem gateways test ${nameIn(subject)}\`); ${timerIn(subject, facts)} says how long to wait.`),
    );
  },
  'no-final-response': noFinalResponse,
  unreachable: ({ subject, facts }) =>
    trouble(
      `${readable(subject)} could not be used: ${facts.network === undefined || facts.network === '' ? 'the connection broke' : facts.network} (${facts.address}${facts.transport === undefined ? '' : ` by ${facts.transport}`})`,
      certificateRemedy(subject, facts) ?? remedyOfUnreachable(subject, facts),
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
  'ended-by-operator': ({ facts }) =>
    trouble(
      `an operator ended the call after ${seconds(facts['after-ms'])} ${facts.rang === 'yes' ? 'while it was ringing' : 'before it rang'} (${facts.operator})`,
      'Ask who ended it: tandem calls hang-up does that.',
    ),
  'part-away': ({ subject, facts }) =>
    subject === 'body'
      ? relayAway(facts.error)
      : trouble(
          awayPart(subject, facts.error).text,
          'Bring it back: its log says why it went; `tandem pods` and `tandem status` show what is there. Calls that exist are not concerned.',
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
  'money-ended': ({ subject, facts }) =>
    trouble(
      `the money ended at ${facts.endedAt}: ${readable(subject)} had ${facts.balance} and an overdraft of ${facts.overdraft}, of which its calls had reserved ${facts.reserved}, and another ${String(facts.neededFor)} s cost ${facts.needed}`,
      `Book a payment (tandem accounts pay ${nameIn(subject)} AMOUNT --reference R): a call that is up goes on with it.`,
    ),
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

/** CALL-08: none of those that are set up, or none is. */
function relayAway(error: string): Wording {
  return trouble(
    `no media relay could be had, and the call may not go on without one (media.relay: required): ${error}`,
    'Start a relay of TANDEM_RTPENGINES, or see why it does not answer (`tandem status`); media.relay: optional lets calls go on without one, media.mode: pass needs none.',
  );
}

/** AUTH-11: whose password it is, and what was asked for. */
function credentialsRefused({ subject, facts }: Decision<'credentials-refused'>): Wording {
  const { asked = '', cause, code, username } = facts;
  const terms = [
    `it answered ${String(code)}`,
    ...(asked === '' ? [] : [`asking for ${asked}`]),
    username === '' ? 'there is no username' : `our username is ${username}`,
  ];
  const isUnknown = cause === 'the gateway asks in a way that is not known here';
  return trouble(
    `${readable(subject)} could not be used: ${cause} (${terms.join('; ')})`,
    isUnknown
      ? `Ask its operator to challenge by Digest with MD5, SHA-256 or SHA-512-256, or to know this switch by its address.`
      : `Make username and password of ${readable(subject)} what the carrier expects.`,
  );
}

/** CALL-03, DENY-15: what it has said last, and which timer that began. */
function noFinalResponse({ subject, facts }: Decision<'no-final-response'>): Wording {
  const { code } = facts;
  const last =
    code === undefined
      ? 'answered provisionally'
      : `answered ${String(code)} ${reasonPhrase(code)}`.trimEnd();
  const timer = timerIn(subject, facts);
  return trouble(
    `${readable(subject)} ${last} and then nothing more came within ${seconds(facts['waited-ms'])} (${timer})`,
    code === 100
      ? `It took the call, and did nothing with it that the caller could hear of: ask its operator what is behind it; ${timer} says how long to wait.`
      : `The callee did not answer in time: nothing need be done, or raise ${timer}, which says how long to wait.`,
  );
}

function finalResponse({ subject, reason, facts }: Decision<'final-response'>): Wording {
  const { code, phrase, address, codecs, says, 'retry-after': rest, warning } = facts;
  const { change, meaning } = remedyOfCode(code);
  if (reason === 'BadGateway') {
    const isRedirect = code >= 300 && code < 400;
    return trouble(
      `${readable(subject)} could not be used: it answered ${String(code)} ${phrase} (${[address, says].filter(Boolean).join('; ')})`,
      isRedirect
        ? `Set redirects: follow for ${readable(subject)}, if calls may go where it sends them (pass tells the caller, who may not follow); or call that place itself.`
        : checkGateway(subject, address),
    );
  }
  const because = reasonInWords(facts['reason-header']);
  const evidence = [
    meaning,
    because === undefined ? '' : `it says why: ${because}`,
    warning === undefined ? '' : `Warning: ${warning}`,
    says ?? '',
    codecs === undefined ? '' : `it would take ${codecs}`,
  ].filter((text) => text !== '');
  return trouble(
    `${readable(subject)} answered ${String(code)} ${phrase}`.trimEnd() +
      (rest === undefined ? '' : ` and wants no calls for ${String(rest)} s`) +
      (evidence.length === 0 ? '' : `: ${evidence.join('; ')}`),
    change,
  );
}

/** ROUTE-06, ROUTE-17: why nobody else was tried, and who was left. */
function failoverEnded({ subject, facts }: Decision<'failover-ended'>): Wording {
  const { untried } = facts;
  const ended =
    untried === undefined
      ? `no other gateway was tried after ${failureOf(facts, subject)}`
      : `${untried} ${untried.includes(',') ? 'were' : 'was'} not tried after it`;
  return step(`${ended}: ${endWords(subject, facts)}`);
}

/** CALL-07: a NAT between, or a wrong setting at its side. */
function elsewhere(
  subject: string,
  { contact, replyAddress, source, via }: FactsOf<'caller-elsewhere'>,
): string {
  const own = contact === '' ? '' : ` and Contact ${contact}`;
  const where = { socket: 'where it was heard', via: 'its Via', 'via-port': 'the port of its Via' };
  return `${readable(subject)} was heard from ${source}, and gives itself as Via ${via}${own}: NAT, or a wrong address at its side; answers go to ${where[replyAddress]} (replyAddress: ${replyAddress})`;
}

function timesIn(times: number): string {
  return times === 1 ? 'once' : `${String(times)} times`;
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

/** The timer that decided: a gateway may have one of its own. */
function timerIn(
  subject: string,
  facts: Decision<'nothing-received' | 'no-final-response'>['facts'],
): string {
  const own = facts['own-timer'];
  return own === undefined ? facts.timer : `${own} of ${readable(subject)}`;
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

/** "503 of routing gateway a". */
function failureOf({ code }: { readonly code: number }, subject: string): string {
  return `${String(code)} of ${readable(subject)}`;
}

/** ROUTE-17: which setting, or what else, has ended the search. */
function endWords(
  subject: string,
  { attempts, cause, code, limit, stopCodes }: FactsOf<'failover-ended'>,
): string {
  switch (cause) {
    case 'stop-code':
      return `${String(code)} is among the stopCodes of ${readable(subject)} (${stopCodes ?? ''})`;
    case 'switch-until-connect':
      return `${readable(subject)} has switchUntilConnect: false`;
    case 'switch-limit':
      return `SS_GATEWAY_SWITCH_LIMIT lets a call have ${String(limit)} attempts`;
    case 'early-media':
      return 'the caller had heard early media already (SS_SIP_STOP_SWITCH_AFTER_SDP)';
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
