/** RFC 3261 §7.3.1: these are no lists, so that a second line contradicts the first. Long form, lower case. */
export const singleHeaders: ReadonlySet<string> = new Set([
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'content-type',
  'expires',
]);

const TOKEN = "[\\w.!%*+`'~-]+";
/** Anything in which every quote is closed. */
const CLOSED = '(?:[^"]|"(?:[^"\\\\]|\\\\.)*")*';
const number = /^\d+$/;
const seconds = new RegExp(`^\\d+\\s*(?:[;(]${CLOSED})?$`, 's');
// A look at the characters: nothing that backtracks.
const tokens = /^[\w.!%*+`'~\-\s,]*$/;
const tokenAndParams = new RegExp(`^${TOKEN}\\s*(?:[;,]${CLOSED})?$`, 's');

/**
 * Headers with a form that others rely on: a line that has it not may have its whole message dropped by whoever reads it. By
 * long form, lower case.
 */
export const strictHeaders: ReadonlyMap<string, RegExp> = new Map([
  ['session-expires', seconds],
  ['min-se', seconds],
  ['retry-after', seconds],
  ['expires', number],
  ['min-expires', number],
  ['rseq', number],
  ['require', tokens],
  ['proxy-require', tokens],
  ['supported', tokens],
  ['unsupported', tokens],
  ['allow', tokens],
  ['content-type', new RegExp(`^${TOKEN}\\s*/\\s*${TOKEN}\\s*(?:;${CLOSED})?$`, 's')],
  ['content-disposition', tokenAndParams],
  ['reason', tokenAndParams],
  ['event', tokenAndParams],
  ['subscription-state', tokenAndParams],
]);
