import type { Headers } from '@tandem/sip';

/**
 * Headers that pass from one leg to the other. All else stays on its side: a header nobody here knows may name
 * hosts and users of the other network (CALL-01).
 */
const passing = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'alert-info',
  'allow',
  'allow-events',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'date',
  'error-info',
  'event',
  'expires',
  'info-package',
  'mime-version',
  'min-expires',
  'min-se',
  'organization',
  'p-early-media',
  'priority',
  'privacy',
  'rack',
  'reason',
  'recv-info',
  'refer-sub',
  'refer-to',
  'referred-by',
  'require',
  'retry-after',
  'rseq',
  'session-expires',
  'subject',
  'subscription-state',
  'unsupported',
  'user-to-user',
]);

/** Extensions that work across the switch without its help; offered to the other side when a peer offers them. */
const transparentOptions = new Set([
  '100rel',
  'timer',
  'early-session',
  'answermode',
  'precondition',
]);

/** Options that a peer may require of the switch. */
export const supportedOptions: readonly string[] = [...transparentOptions];

/** Copies what may pass between the legs, in the order in which it stands. */
export function copyPassingHeaders(from: Headers, to: Headers): void {
  to.copyFrom(from, passing);
  if (!from.has('Supported')) return;
  const options = from.list('Supported').filter((option) => transparentOptions.has(option));
  if (options.length > 0) to.append('Supported', options.join(', '));
}
