import { readable } from './wording.ts';

/** What would change it that credentials were wrong in this way. @param subject "phone 1001", "unknown-user 4711" */
export function remedyOfFault(fault: string, subject: string, explanation = ''): string {
  const who = readable(subject);
  const right = expectedIn(explanation);
  switch (fault) {
    case 'wrong password':
      return `Write the same password at the side of ${who} and in the configuration; user name and realm are right.`;
    case 'response of another form':
      return `Have ${who} send the digest itself as response, in ${right}: its password may be right. Where it does, something on the way changes it.`;
    case 'unknown user':
      return remedyOfUnknown(explanation, right);
    case 'user name with a domain':
      return `Write the user name without what follows the @ at its side: ${right}.`;
    case 'wrong realm':
      return `Set the realm at the side of ${who} to ${right}, or leave it empty there, so that it takes the one it is asked for; the password may be right.`;
    case 'algorithm not offered':
      return `Have ${who} answer by ${right}, or add its algorithm to those of the phone or gateway in the configuration (algorithms).`;
    case 'qop not offered':
    case 'auth-int without a digest of the body':
      return `Have ${who} answer with qop=auth: quality of protection auth-int is a setting of its security, at its side.`;
    case 'source in no list':
      return remedyOfUnlisted(explanation);
    case 'source denied':
    case 'source black-listed':
    case 'not known, and such get no answer':
      return remedyOfSilence(fault, 'the address');
    case 'not looked at any more':
      return `It goes on with one that was refused too often already: it may begin anew with another Call-ID. \`tandem auth-failures\` says what was wrong before.`;
    default:
      return `Make user name, password and realm of ${who} the same at its side and in the configuration; \`tandem auth-failures\` says what was sent.`;
  }
}

/** AUTH-05: nobody is called as it says. */
function remedyOfUnknown(explanation: string, right: string): string {
  if (explanation.includes('sent an empty user name')) {
    return 'Enter the user name at its side: it sent an empty one.';
  }
  if (/sent user name .+, expected /.test(explanation)) {
    return `Write the user name as ${right} at its side: upper and lower case are told apart.`;
  }
  return `Correct the user name at its side, or add a phone or gateway of that name to the configuration; nobody here is called so.`;
}

function expectedIn(explanation: string): string {
  return /expected (.+?)(?:;|$)/.exec(explanation)?.[1] ?? 'what the configuration has';
}

/** AUTH-14: its address stands in no list. @param explanation whose list comes nearest, or how its address was lost */
function remedyOfUnlisted(explanation: string): string {
  const near = /list of (.+?)(?: comes nearest|: )/.exec(explanation)?.[1] ?? 'a mapping gateway'; // prettier-ignore
  if (/in its place|the network/.test(explanation)) return remedyOfHiddenSource(near);
  return `Add the address to authentication.addresses of ${near}, if it is to be let in; SS_UNKNOWN_SOURCE challenge asks such for a password in place of refusing them.`;
}

/** CALL-07: a balancer or node has put its own address in the place of the sender's. @param who whose address was lost */
export function remedyOfHiddenSource(who: string): string {
  const key = who.startsWith('phone ') ? 'authentication' : 'authentication.mode';
  return `Let the network keep the address of who sends: externalTrafficPolicy: Local, host network, or a balancer that keeps it (docs/networking.md; \`tandem network\` shows what was found). Else have ${who} prove a password (${key}: password). No list helps: behind that address is everybody.`;
}

/** What would change it that somebody gets no answer at all (AUTH-08, AUTH-09). @param host "192.0.2.7", or words for it */
export function remedyOfSilence(fault: string, host: string): string {
  switch (fault) {
    case 'source denied':
      return `Take the block out of security.deny in the configuration, or add ${host} to security.allow, if it is one of yours.`;
    case 'source black-listed':
      return host.includes(' ')
        ? `If it is one of yours, correct what it sends, and take it off: \`tandem blacklist\` lists them, and lifts one.`
        : `If it is one of yours, correct what it sends, and take it off: \`tandem blacklist lift ${host}\`.`;
    default:
      return `If it is one of yours, correct its user name, or add its address to a mapping gateway; SS_REPLY_UNAUTHORIZED On has everybody answered.`;
  }
}

/** AUTH-15: what would change it that a challenge led nowhere, by what was sent. Undefined: nothing was sent that says so. */
export function remedyOfSent(sent: string, who: string): string | undefined {
  const unreadable = /^credentials that cannot be read(?: \((.*)\))?$/.exec(sent);
  if (unreadable !== null) return remedyOfUnreadable(unreadable[1] ?? '', who);
  if (sent.startsWith('credentials of another scheme')) {
    return `Have ${who} answer with the scheme Digest: Basic and others are not taken. Its user name and password may be right.`;
  }
  return nonces.find(([begins]) => sent.startsWith(begins))?.[1](who);
}

/** AUTH-04: why a nonce is not good, each with what helps. */
const nonces: readonly (readonly [begins: string, change: (who: string) => string])[] = [
  [
    'a nonce count that was used before',
    (who) => `Have ${who} count nc up by one with each request that has the same nonce (00000001, 00000002; RFC 7616 §3.4), or answer the fresh nonce of the challenge (stale=true). Where it does, something on the way sends an old request again.`,
  ],
  [
    'a nonce that is unknown',
    (who) => `Have ${who} answer challenges with the nonce that each has (stale=true: the password is right), and not with one that it has kept; TANDEM_AUTH_NONCE_SECONDS says how long one is good.`,
  ],
  [
    'a nonce that another source',
    (who) => `Have what ${who} sends leave by one address: a NAT, a second line or a balancer on the way changes it between the challenge and the answer.`,
  ],
  [
    'a nonce of another realm',
    (who) => `Have ${who} answer with realm and nonce of the same challenge.`,
  ],
  [
    'a nonce that was used for as many',
    (who) => `Have ${who} answer the fresh nonce of the challenge (stale=true: the password is right).`,
  ],
]; // prettier-ignore

/** RFC 7616 §3.4: where each parameter comes from. */
const parameters: Readonly<Record<string, string>> = {
  username: 'its user name as the configuration has it',
  realm: 'the realm of the challenge',
  nonce: 'the nonce of the challenge, as it came',
  uri: 'the Request-URI of what it sends',
  response: 'the digest itself',
  cnonce: 'text of its own, which with qop must be there',
  nc: 'eight hexadecimal digits, 00000001 for the first request with a nonce, which with qop must be there',
};

/** @param fault "nonce is missing", "uri stands there twice" */
function remedyOfUnreadable(fault: string, who: string): string {
  const [name = ''] = fault.split(' ');
  const what = parameters[name];
  const wanted =
    what === undefined
      ? `Have ${who} write each parameter as name=value, with commas between and quotes closed (RFC 7616 §3.4)`
      : `Have ${who} send ${name} once in its credentials: ${what}`;
  return `${wanted}. Its user name and password may be right; where it does so already, something on the way (a SIP ALG, a proxy) changes what it sends.`;
}
