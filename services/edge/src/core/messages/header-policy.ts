import type { Headers } from '@tandem/sip';

/**
 * Headers that pass from one leg to the other. All else stays on its side: a header nobody here knows may name
 * hosts and users of the other network (CALL-01).
 */
const passing = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'allow',
  'allow-events',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'date',
  'event',
  'expires',
  'info-package',
  'mime-version',
  'min-expires',
  'min-se',
  'p-early-media',
  'priority',
  'privacy',
  'rack',
  'reason',
  'recv-info',
  'refer-sub',
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
  '199',
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
  // RFC 7462: a ringing tone by name passes; by address it would be that of a server of the other network.
  if (from.has('Alert-Info')) {
    for (const tone of from.list('Alert-Info')) {
      if (tone.toLowerCase().startsWith('<urn:alert:')) to.append('Alert-Info', tone);
    }
  }
  if (!from.has('Supported')) return;
  const options = from.list('Supported').filter((option) => transparentOptions.has(option));
  if (options.length > 0) to.append('Supported', options.join(', '));
}
