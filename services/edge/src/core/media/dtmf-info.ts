/** A digit that an INFO tells of. */
export interface Digit {
  /** 0 to 9, *, #, A to D. */
  readonly code: string;
  readonly ms: number;
}

const USUAL_MS = 160;
/** A relay plays neither less nor more. */
const SHORTEST_MS = 70;
const LONGEST_MS = 5000;

/** Reads `application/dtmf-relay` (Signal= and Duration=) and `application/dtmf` (the digit alone); undefined for all else. */
export function digitIn(contentType: string, bytes: Buffer): Digit | undefined {
  const [type = ''] = contentType.trim().toLowerCase().split(/[\s;]/);
  const text = bytes.toString('latin1');
  if (type === 'application/dtmf-relay') {
    const [, signal = ''] = /^\s*signal\s*=\s*(\S+)/im.exec(text) ?? [];
    const [, duration] = /^\s*duration\s*=\s*(\d{1,6})/im.exec(text) ?? [];
    return digit(signal, Number(duration ?? USUAL_MS));
  }
  return type === 'application/dtmf' ? digit(text.trim(), USUAL_MS) : undefined;
}

function digit(signal: string, ms: number): Digit | undefined {
  // Events 10 and 11 of RFC 4733 are written as numbers by some.
  const code = { '10': '*', '11': '#' }[signal] ?? signal.toUpperCase();
  if (!/^[0-9*#A-D]$/.test(code)) return undefined;
  return { code, ms: Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms)) };
}
