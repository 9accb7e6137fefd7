/** RFC 3398 §7.2.4.1: the SIP code that says what a cause of Q.850 does. */
const codes: Readonly<Record<number, number>> = {
  1: 404,
  2: 404,
  3: 404,
  17: 486,
  18: 408,
  19: 480,
  20: 480,
  21: 403,
  22: 410,
  23: 410,
  26: 404,
  27: 502,
  28: 484,
  29: 501,
  31: 480,
  34: 503,
  38: 503,
  41: 503,
  42: 503,
  47: 503,
  55: 403,
  57: 403,
  58: 503,
  65: 488,
  70: 488,
  79: 501,
  87: 403,
  88: 503,
  102: 504,
  111: 500,
  127: 500,
};

/** RFC 3398 §8.2.6.1: the cause of Q.850 that says what a SIP code does; for 488 and 606 it goes by the Warning, so none is here. */
const causes: Readonly<Record<number, number>> = {
  400: 41,
  401: 21,
  402: 21,
  403: 21,
  404: 1,
  405: 63,
  406: 79,
  407: 21,
  408: 102,
  410: 22,
  413: 127,
  414: 127,
  415: 79,
  416: 127,
  420: 127,
  421: 127,
  423: 127,
  480: 18,
  481: 41,
  482: 25,
  483: 25,
  484: 28,
  485: 1,
  486: 17,
  500: 41,
  501: 79,
  502: 38,
  503: 41,
  504: 102,
  505: 127,
  513: 127,
  600: 17,
  603: 21,
  604: 1,
};

/** The SIP code of a cause of Q.850; undefined for one that ends no call, or is not in RFC 3398. */
export function codeOfCause(cause: number): number | undefined {
  return codes[cause];
}

/** The cause of Q.850 of a SIP code; undefined for one that has none in RFC 3398. */
export function causeOfCode(code: number): number | undefined {
  return causes[code];
}

/** The cause that the values of Reason headers name for Q.850 (RFC 3326 §2); undefined where they name none. */
export function q850Cause(reasons: readonly string[]): number | undefined {
  for (const reason of reasons) {
    const cause = /^\s*Q\.850\s*;(?:[^"]*;)?\s*cause\s*=\s*(\d{1,3})(?![\w-])/i.exec(reason)?.[1];
    if (cause !== undefined) return Number(cause);
  }
  return undefined;
}
