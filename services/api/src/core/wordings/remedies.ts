import { readable } from './wording.ts';

/** What would change it that credentials were wrong in this way. @param subject "phone 1001", "unknown-user 4711" */
export function remedyOfFault(fault: string, subject: string, explanation = ''): string {
  const who = readable(subject);
  const expected = /expected (.+?)(?:;|$)/.exec(explanation)?.[1];
  const right = expected ?? 'what the configuration has';
  switch (fault) {
    case 'wrong password':
      return `Write the same password at the side of ${who} and in the configuration; user name and realm are right.`;
    case 'unknown user':
      return `Correct the user name at its side, or add a phone or gateway of that name to the configuration; nobody here is called so.`;
    case 'user name with a domain':
      return `Write the user name without what follows the @ at its side: ${right}.`;
    case 'wrong realm':
      return `Set the realm at the side of ${who} to ${right}, or leave it empty there, so that it takes the one it is asked for; the password may be right.`;
    case 'algorithm not offered':
      return `Have ${who} answer by ${right}, or add its algorithm to those of the phone or gateway in the configuration (algorithms).`;
    case 'qop not offered':
    case 'auth-int without a digest of the body':
      return `Have ${who} answer with qop=auth: quality of protection auth-int is a setting of its security, at its side.`;
    case 'not looked at any more':
      return `It goes on with one that was refused too often already: it may begin anew with another Call-ID. \`tandem auth-failures\` says what was wrong before.`;
    default:
      return `Make user name, password and realm of ${who} the same at its side and in the configuration; \`tandem auth-failures\` says what was sent.`;
  }
}

interface CodeRemedy {
  /** What the code means, for who does not know it. */
  readonly meaning: string;
  readonly change: string;
}

const codes: Readonly<Record<number, CodeRemedy>> = {
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
  407: wantsPassword(),
  408: {
    meaning: 'it had no answer itself',
    change: 'Ask its operator: what is behind it did not answer in time.',
  },
  410: {
    meaning: 'the number is not in use any more',
    change: 'Correct the number; it has been given up.',
  },
  480: {
    meaning: 'whoever is called cannot be reached now',
    change: 'Nothing on this side: the callee is off line, or does not answer; try again later.',
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
  500: serverFault(),
  502: serverFault(),
  503: {
    meaning: 'it takes no calls at this moment',
    change:
      'Ask its operator: it is full, or a part of it is away. Another gateway for the same prefix takes its calls meanwhile.',
  },
  600: {
    meaning: 'the callee is busy everywhere',
    change: 'Nothing on this side: the callee is in a call. Try again later.',
  },
  603: {
    meaning: 'the callee declined',
    change: 'Nothing on this side: whoever was called did not want the call.',
  },
};

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
