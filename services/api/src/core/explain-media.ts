import { readDecision } from '@tandem/domain';
import type { CallEvent } from '@tandem/proto/events';

/** RFC 3261 §21: refusals for what was offered of media. */
const ofMedia: ReadonlySet<number> = new Set([415, 488, 493, 580, 606]);
/** Names that stand beside codecs, and carry no speech. */
const beside = /^(?:telephone-event|CN|red)\//i;

/** What the caller offered, where the callee refused that; '' else. */
export function offered({ a, termination }: CallEvent, code: number): string {
  const isOfMedia = ofMedia.has(code) && termination?.reason === 'Rejected';
  if (!isOfMedia || a === undefined) return '';
  const names = a.codecs.length === 0 ? 'no session description' : a.codecs.join(', ');
  return `; the caller had offered ${names}`;
}

/** What a call cannot be heard for: the answer takes nothing of what was offered. Undefined where nothing is known against it. */
export function unheard({ a, attempts, b, decisions }: CallEvent): string | undefined {
  const mine = speech(a?.codecs);
  // Without an offer the callee makes it; a relay stands between two descriptions of its own.
  if (mine.length === 0 || decisions.some(isAnchored)) return undefined;
  const theirs = speech(b?.codecs);
  if (theirs.some((codec) => mine.includes(codec))) return undefined;
  const gateway = attempts.at(-1)?.gateway ?? 'the callee';
  return theirs.length === 0
    ? `the answer of ${gateway} has no audio in a session description, where ${mine.join(', ')} was offered`
    : `the answer of ${gateway} takes ${theirs.join(', ')}, of which nothing was offered (${mine.join(', ')})`;
}

/** What would change that. */
export const UNHEARD_CHANGE =
  'Have the operator of the gateway answer with a codec that is offered to it, or let the caller offer what it takes; where none is common, media.mode: anchor through a relay that transcodes.';

function isAnchored(record: CallEvent['decisions'][number]): boolean {
  return readDecision(record)?.kind === 'media-anchored';
}

/** By name and rate, as names are compared (RFC 8866 §6.6). */
function speech(codecs: readonly string[] = []): string[] {
  return codecs
    .filter((codec) => !beside.test(codec))
    .map((codec) => codec.toUpperCase().replace(/\/1$/, ''));
}
