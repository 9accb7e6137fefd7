import { MARK_END, MOST_SEQUENCES, macOf, markBytes, markIn, siblingMark } from './call-mark.ts';
import type { Sealer } from './seal.ts';

const FORK_BYTES = 6;

/*
 * The To tags that a caller sees. Each dialog that the called side opens is a dialog of its own for the caller too (RFC 3261
 * §12.1), and each tag is made of the call's first one alone, so that any pod makes the same:
 *
 *   first attempt                        the mark of the call (call-mark.ts)
 *   each further attempt                 a mark of the same call, with a number above those of INVITEs
 *   further dialogs of an attempt, where somebody behind the carrier forks
 *                                        the tag of the attempt, and behind it a MAC over INVITE and callee's tag
 */

/**
 * The tag of the dialog that an attempt opens first.
 * @param toTag the call's first tag
 * @param attempt 0 for the first one
 */
export function attemptTag(sealer: Sealer, toTag: string, attempt: number): string {
  const mark = attempt === 0 ? undefined : markBytes(toTag);
  if (mark === undefined) return toTag;
  // As many attempts as INVITEs, at most.
  return siblingMark(sealer, mark, MOST_SEQUENCES + 1 + Math.min(attempt, MOST_SEQUENCES));
}

/**
 * The tag of a further dialog of an attempt.
 * @param tag that of the attempt
 * @param opened.sequence number of the INVITE
 * @param opened.farTag the callee's own tag
 */
export function forkTag(
  sealer: Sealer,
  tag: string,
  opened: { readonly sequence: number; readonly farTag: string },
): string {
  const mark = markBytes(tag);
  if (mark === undefined) return tag;
  const content = Buffer.from(`fork ${tag} ${String(opened.sequence)} ${opened.farTag}`);
  const fork = sealer.macBeside(macOf(mark), content, FORK_BYTES).toString('base64url');
  return tag + MARK_END + fork;
}

/** The tag of the attempt to which a dialog belongs. */
export function attemptOfTag(tag: string): string {
  const end = tag.indexOf(MARK_END);
  return end === -1 ? tag : tag.slice(0, end);
}

/** Whether a tag is of another dialog than the call's first one. One that is none of ours is not. */
export function isFurtherTag(tag: string): boolean {
  return isForkTag(tag) || (markIn(tag)?.sequence ?? 0) > MOST_SEQUENCES;
}

/** Whether a tag is of one dialog alone, of several that an attempt opened. */
export function isForkTag(tag: string): boolean {
  return tag.includes(MARK_END);
}
