import type { requestCauses } from '@tandem/domain';
import { remedyOfFault, remedyOfSilence } from './credential-remedies.ts';
import { readable } from './wording.ts';
import type { JournalWording, Told, WordingsOf } from './journal.ts';

/** A sentence for every cause for which a request is refused, or dropped, without being a call. */
export const requestWordings: WordingsOf<keyof typeof requestCauses> = {
  'request-malformed': ({ facts: { code, fault, method, offset } }, told) =>
    refused(
      `the ${method} ${from(told)} cannot be read: ${fault}${at(offset)}${answered(code, told)}`,
      'Correct whoever sends it, or what stands between and changes messages (a SIP ALG of a router, above all): it has to be valid SIP (RFC 3261).',
    ),
  unreadable: ({ facts: { fault, offset } }, told) =>
    refused(
      // Nobody has read who sent it.
      `a message ${from({ ...told, isGathered: false })} is no SIP that could be answered: ${fault}${at(offset)}${dropped(told)}`,
      'Correct whoever sends it, if it is one of yours; if it is a stranger, nothing need be done.',
    ),
  'tls-failed': ({ facts: { fault } }, told) =>
    refused(
      // Nobody has said who it is.
      `a connection ${from({ ...told, isGathered: false })} came to no TLS: ${fault}${told.times}`,
      'If it is one of yours: let it trust the authority of the certificates in TANDEM_SIP_TLS_CERTIFICATES, by the name that they are for, and speak TLS to this port alone. If it is a stranger, nothing need be done.',
    ),
  'tls-unused': (_, told) =>
    refused(
      `a connection ${from({ ...told, isGathered: false })} was closed by its peer after TLS was agreed on, without a message: it does not trust the certificate of the switch, or does not find the name in it that it asks for, above all${told.times}`,
      'If it is one of yours: have it trust the authority of the certificates in TANDEM_SIP_TLS_CERTIFICATES, and call the switch by a name that they are for. If it is a probe of a load balancer, or a stranger, nothing need be done.',
    ),
  'certificate-untrusted': ({ facts: { fault, shown } }, told) =>
    refused(
      `the certificate of the connection ${from({ ...told, isGathered: false })}, for ${shown === '' ? 'nobody' : shown}, proves nothing: ${fault}${told.times}`,
      'Have it renew the certificate where that has expired; else put the authority that signed it into the file of TANDEM_SIP_TLS_CA.',
    ),
  'web-socket-refused': ({ facts: { fault } }, told) =>
    refused(
      `a connection ${from({ ...told, isGathered: false })} came to no WebSocket: ${fault}${told.times}`,
      'Correct the address of the server in the page or phone (wss:// or ws://, its path is TANDEM_SIP_WS_PATH), have it offer the subprotocol sip, and put the origin of the page into TANDEM_SIP_WS_ORIGINS.',
    ),
  'version-unknown': ({ facts: { code, fault, method } }, told) =>
    refused(
      `the ${method} ${from(told)} is not SIP/2.0: ${fault}${answered(code, told)}`,
      'Correct whoever sends it.',
    ),
  'scheme-not-served': ({ facts: { code, fault, method } }, told) =>
    refused(
      `the ${method} ${from(told)} is to an address of a kind that is not served: ${fault}${answered(code, told)}`,
      'Have it call a sip: or tel: address; a sips: one over TLS alone.',
    ),
  'extension-not-supported': ({ facts: { code, fault, method } }, told) =>
    refused(
      `the ${method} ${from(told)} requires an extension that the switch does not have: ${fault} (Require)${answered(code, told)}`,
      `Switch ${fault} off at its side, or have it offer that in Supported in place of Require.`,
    ),
  'too-many-hops': ({ facts: { code, method, via } }, told) =>
    refused(
      `the ${method} ${from(told)} has passed as many hops as it may (Max-Forwards 0)${passed(via)}${answered(code, told)}`,
      'Usually the call goes round in a circle: see which of these hosts sends it back, and correct the routing there. Else raise Max-Forwards of the sender.',
    ),
  loop: ({ facts: { code, method, via } }, told) =>
    refused(
      `the same ${method} came a second time by another way ${from(told)}${passed(via)}: a loop, or a proxy that forks to this switch twice${answered(code, told)}`,
      'See which of these hosts sends it here twice, and correct the routing there.',
    ),
  'method-not-served': ({ facts: { code, method } }, told) =>
    refused(
      `${method} ${from(told)} is not served${answered(code, told)}`,
      method === 'MESSAGE'
        ? 'Set TANDEM_SIP_MESSAGE to true, if the switch is to pass messages on.'
        : `Nothing need be done, if its sender does without; else switch ${method} off at its side.`,
    ),
  'session-too-brief': ({ facts: { asked, code, least, method } }, told) =>
    refused(
      `the ${method} ${from(told)} asks for a session of ${asked} s, and ${String(least)} s are the least (Session-Expires, RFC 4028)${answered(code, told)}`,
      `Its sender should ask again with ${String(least)} s or more, as the answer says (Min-SE); set its session timer to that.`,
    ),
  'no-such-dialog': ({ facts: { code, method } }, told) =>
    refused(
      `the ${method} ${from(told)} is of no call that this switch has: that has ended, or never was here${answered(code, told)}`,
      'Nothing need be done after a call has ended. Where calls break off so, see that its sender keeps Call-ID, tags and the Contact that it was given, and that all edges have the same TANDEM_SECRET_KEY_FILE.',
    ),
  'foreign-source': ({ facts: { code, method } }, told) =>
    refused(
      `the ${method} ${from(told)} is of a call, and that address is not of it${answered(code, told)}`,
      'Add the address to those of the gateway, if it has several; of a stranger, it was an attempt to end or change the call of somebody else.',
    ),
  'transfer-refused': ({ facts: { code, fault } }, told) =>
    refused(
      `a transfer (REFER) ${from(told)} was refused: ${fault}${answered(code, told)}`,
      'Permit transfers for the gateway or phone in the configuration, if it may transfer calls.',
    ),
  'not-let-in': ({ facts }, told) => {
    const { code, explanation, fault, method } = facts;
    const who = told.isGathered ? '' : facts.who;
    const until = told.isGathered ? undefined : facts['suspended-until'];
    const sent = explanation === undefined ? '' : ` (${explanation})`;
    const suspended = until === undefined ? '' : `, suspended until ${until}`;
    const silent =
      code === 0 ? (silenced.has(fault) ? dropped(told) : unanswered(told)) : answered(code, told);
    return refused(
      `the ${method} ${from(told)} was not let in: ${fault}${sent}${who === '' ? '' : `, as ${readable(who)}`}${suspended}${silent}`,
      until === undefined
        ? silenced.has(fault)
          ? remedyOfSilence(fault, told.host === '' ? 'the address' : told.host)
          : remedyOfFault(fault, who === '' ? 'its sender' : who, explanation).replace(
              'the address',
              told.host === '' ? 'the address' : told.host,
            )
        : `${remedyOfFault(fault, who.replace(/ at .*$/, ''), explanation)} Then wait until ${until}, or lift it: \`tandem suspensions lift "${who}"\`.`,
    );
  },
  'nobody-called': ({ facts: { called, code, method } }, told) =>
    refused(
      `the ${method} ${from(told)} calls ${called === '' ? 'nobody' : called}, which is a call's own address at this switch and no number${answered(code, told)}`,
      'Have it call a number; a callback has to go to the number of the caller, not to the Contact of an old call.',
    ),
  'request-not-taken': ({ facts: { code, fault, method } }, told) =>
    refused(
      `the ${method} ${from(told)} came while the switch could not take it: ${fault}${answered(code, told)}`,
      'See `tandem pods` and `tandem status`: a pod that is being shut down, or a store that is away. Whoever sent it asks again.',
    ),
  'switch-failed': ({ facts: { code, method } }, told) =>
    refused(
      `the switch failed over the ${method} ${from(told)}, by a fault of its own${answered(code, told)}`,
      'The log of the edge has the error: report it.',
    ),
  'request-refused': ({ facts: { code, fault, method } }, told) =>
    refused(
      `the ${method} ${from(told)} was refused: ${fault}${answered(code, told)}`,
      'Correct what its sender asks for.',
    ),
  scanner: ({ facts: { method } }, { agent, ...told }) =>
    refused(
      `the ${method} ${from(told)} names a program that looks for switches to abuse (User-Agent ${agent})${dropped(told)}`,
      'Nothing need be done. If it is a test of yours, change its User-Agent, or take the name out of security.scanners of the configuration.',
    ),
  'source-black-listed': (_, told) =>
    refused(
      `whatever begins something ${from({ ...told, isGathered: false })} is dropped: the address is black-listed${dropped(told)}`,
      told.host === ''
        ? 'See `tandem blacklist` for the addresses, and why.'
        : `See \`tandem blacklist\` for why; \`tandem blacklist lift ${told.host}\` takes it off. What is not listed there stands in security.deny of the configuration.`,
    ),
  'turned-away': ({ facts: { how } }, told) =>
    refused(
      `requests ${from({ ...told, isGathered: false })} were ${how} unread, while the switch was past its capacity${told.times}`,
      'Add an edge, or let whoever sends so much send less; `tandem status` shows what is past its limit.',
    ),
};

const silenced: ReadonlySet<string> = new Set([
  'source denied',
  'source black-listed',
  'not known, and such get no answer',
]);

function at(offset: number | undefined): string {
  return offset === undefined ? '' : `, at byte ${String(offset)} of the message`;
}

function refused(why: string, change: string): JournalWording {
  return { why, change };
}

function from({ caller, callee, from: place, isGathered }: Omit<Told, 'agent'>): string {
  const who = isGathered ? ' of several names' : caller === '' ? '' : ` of ${caller}`;
  const whom = callee === '' ? '' : ` to ${callee}`;
  const where = place === '' ? ' from several addresses' : place;
  return `${who}${whom}${where}`.trimStart();
}

function answered(code: number, { times }: Omit<Told, 'agent'>): string {
  return `; answered ${String(code)}${times}`;
}

function dropped({ times }: Omit<Told, 'agent'>): string {
  return `; it got no answer${times}`;
}

/** AUTH-09: what is wrong gets no answer, either. */
function unanswered({ times }: Omit<Told, 'agent'>): string {
  return `; it got no answer (SS_REPLY_UNAUTHORIZED Off)${times}`;
}

function passed(via: string): string {
  return via === '' ? '' : `, by way of ${via.replaceAll(' ', ', ')}`;
}
