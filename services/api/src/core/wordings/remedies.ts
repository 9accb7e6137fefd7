interface CodeRemedy {
  /** What the code means, for who does not know it. */
  readonly meaning: string;
  readonly change: string;
}

const NOT_UNDERSTOOD = 'Ask its operator what it does not understand, with the Call-ID and the time; number rules, identity, media and contact of the gateway decide how the call is written to it.'; // prettier-ignore
const codes: Readonly<Record<number, CodeRemedy>> = {
  300: redirection(),
  301: redirection(),
  302: redirection(),
  305: redirection(),
  380: redirection(),
  400: { meaning: 'it cannot read the call', change: NOT_UNDERSTOOD },
  401: wantsPassword(),
  403: {
    meaning: 'it does not let this call in',
    change:
      'Ask its operator what he refuses: an address or a prefix that he does not know, the number of the caller, or credit that is used up there.',
  },
  404: {
    meaning: 'it does not know the number',
    change:
      'See whether the number is right as it was sent there (prefix and rewriting of the gateway), and ask its operator whether he serves it.',
  },
  402: {
    meaning: 'it wants to be paid first',
    change: 'Pay its operator: the credit that he gives is used up.',
  },
  405: {
    meaning: 'it takes no calls at that address',
    change: 'See whether addresses of the gateway lead to what takes calls there.',
  },
  406: media(),
  407: wantsPassword(),
  408: {
    meaning: 'it had no answer itself',
    change: 'Ask its operator: what is behind it did not answer in time.',
  },
  410: {
    meaning: 'the number is not in use any more',
    change: 'Correct the number; it has been given up.',
  },
  413: { meaning: 'the message is too long for it', change: NOT_UNDERSTOOD },
  414: { meaning: 'the called address is too long for it', change: NOT_UNDERSTOOD },
  415: media(),
  416: {
    meaning: 'it does not take addresses of that kind',
    change: 'See identity.uri of the gateway, and transport: a sips: address goes over TLS alone.',
  },
  420: {
    meaning: 'it does not have an extension that the caller requires',
    change: 'Have the caller offer it in Supported in place of Require (100rel, timer).',
  },
  421: {
    meaning: 'it requires an extension that the caller does not have',
    change: 'Ask its operator whether it can do without.',
  },
  422: {
    meaning: 'the session is too short for it (Session-Expires)',
    change:
      'Raise SS_SIP_SESSION_TTL (Session-Expires is twice that by SS_SIP_SESSION_UPDATE_SEGMENT), or the session timer of the caller, to what it asks for (Min-SE).',
  },
  423: {
    meaning: 'the time that was asked for is too short for it',
    change: 'Ask for a longer one, as its answer says.',
  },
  428: {
    meaning: 'it takes signed calls alone',
    change: 'Set stir: sign for the gateway, with a certificate for the account (STIR/SHAKEN).',
  },
  433: {
    meaning: 'it takes no anonymous calls',
    change:
      'Let the caller show its number, or give it one: callerId, or callerPool of the gateway.',
  },
  436: signature(),
  437: signature(),
  438: signature(),
  480: {
    meaning: 'whoever is called cannot be reached now',
    change: 'Nothing on this side: the callee is off line, or does not answer; try again later.',
  },
  481: {
    meaning: 'it does not know the call any more',
    change: 'Ask its operator whether it was restarted in the call.',
  },
  482: loop(),
  483: loop(),
  485: {
    meaning: 'the number is that of several',
    change: 'Call a number of one of them.',
  },
  484: {
    meaning: 'digits are missing',
    change: 'Dial the whole number, or correct what rewrites it before it is sent to that gateway.',
  },
  486: {
    meaning: 'the callee is busy',
    change: 'Nothing on this side: the callee is in a call. Try again later.',
  },
  487: {
    meaning: 'it had been given up',
    change: 'Nothing on this side: the call was taken back.',
  },
  488: {
    meaning: 'it takes none of the media that were offered',
    change:
      'See which codecs, and whether encryption, both sides have in common (SDP); let the caller offer one that the gateway takes.',
  },
  491: {
    meaning: 'another request of the same call was under way',
    change: 'Nothing on this side: whoever is called tries again by itself.',
  },
  493: media(),
  494: {
    meaning: 'it wants another security of the connection',
    change: 'See transport and media.srtp of the gateway.',
  },
  500: serverFault(),
  501: { meaning: 'it does not have what was asked for', change: NOT_UNDERSTOOD },
  502: serverFault(),
  503: {
    meaning: 'it takes no calls at this moment',
    change:
      'Ask its operator: it is full, or a part of it is away. Another gateway for the same prefix takes its calls meanwhile.',
  },
  504: {
    meaning: 'what is behind it did not answer in time',
    change: 'Ask its operator: the fault is behind it. Another gateway for the same prefix takes its calls meanwhile.', // prettier-ignore
  },
  505: { meaning: 'it does not speak SIP/2.0', change: NOT_UNDERSTOOD },
  513: {
    meaning: 'the message is too long for it',
    change:
      'Set tokens: stored for the gateway, which makes its messages shorter, or transport: tcp.',
  },
  555: { meaning: 'it cannot push the call to the device', change: NOT_UNDERSTOOD },
  580: media(),
  600: {
    meaning: 'the callee is busy everywhere',
    change: 'Nothing on this side: the callee is in a call. Try again later.',
  },
  603: {
    meaning: 'the callee declined',
    change: 'Nothing on this side: whoever was called did not want the call.',
  },
  604: {
    meaning: 'the number exists nowhere',
    change: 'Correct the number as it is sent there (prefix and number rules of the gateway).',
  },
  606: media(),
  607: {
    meaning: 'the callee does not want calls of this caller',
    change: 'Nothing on this side: the callee has refused the caller.',
  },
  608: {
    meaning: 'an analysis took the call for unwanted',
    change: 'Ask its operator who analyses calls there, and how the caller can be cleared.',
  },
};

/** RFC 3261 §21, and what its extensions added; of others nothing is known. @see https://www.iana.org/assignments/sip-parameters */
function redirection(): CodeRemedy {
  return {
    meaning: 'it names another place for the call',
    change: 'Set redirects: follow for the gateway, if calls may go where it sends them (pass tells the caller, who may not follow); or call that place itself.', // prettier-ignore
  };
}

function media(): CodeRemedy {
  return {
    meaning: 'it takes none of the media that were offered',
    change: 'See which codecs, and whether encryption, both sides have in common (SDP); media of the gateway (codecs, srtp) says what it is offered.', // prettier-ignore
  };
}

function signature(): CodeRemedy {
  return {
    meaning: 'it does not accept the signature of the call',
    change:
      'See the certificate of the account and where others fetch it (stir.certificates, x5u).',
  };
}

function loop(): CodeRemedy {
  return {
    meaning: 'the call came back to it, or passed too many hosts: it goes round in a circle',
    change: 'See whether the gateway sends the number back here, and correct the routing on either side.', // prettier-ignore
  };
}

/** What an answer of a carrier or callee means, and what would change it. */
export function remedyOfCode(code: number): CodeRemedy {
  const known = codes[code];
  if (known !== undefined) return known;
  const change =
    'Ask the operator of that gateway, with the Call-ID and the time: the answer is his, or that of whom he called.';
  return { meaning: '', change };
}

function wantsPassword(): CodeRemedy {
  return {
    meaning: 'it wants a user name and password',
    change: 'Give the gateway the username and password that its operator has given you.',
  };
}

function serverFault(): CodeRemedy {
  return {
    meaning: 'something failed there',
    change: 'Ask its operator, with the Call-ID and the time: the fault is at his side.',
  };
}

/** RFC 3326, as people read it: "cause 17 of Q.850, User busy"; undefined where it says nothing. */
export function reasonInWords(header: string | undefined): string | undefined {
  const cause = /cause\s*=\s*(\d+)/i.exec(header ?? '')?.[1];
  const text = /text\s*=\s*"?([^";]+)/i.exec(header ?? '')?.[1]?.trim();
  if (cause === undefined) return text;
  const of = /^\s*q\.850/i.test(header ?? '') ? ' of Q.850' : '';
  return `cause ${cause}${of}${text === undefined ? '' : `, ${text}`}`;
}

/** Whether a text is the value of a Reason header rather than words. */
export function isReasonHeader(text: string): boolean {
  return /^\s*(?:q\.850|sip|preemption)\s*;/i.test(text);
}
