import { to } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { hasPrack, hears199, isReliable, mayTell199 } from '../messages/provisional-options.ts';
import type { BranchState, Call, CallState, EarlyDialog } from './call-state.ts';
import type { CallEffect, CallSurroundings } from './call-steps.ts';
import { edgeDecision } from './decisions.ts';
import { noteUnasked, subjectOf } from './failures.ts';

/** No proxy rings more callees; a carrier that makes up tags fills no record. */
const MOST_DIALOGS = 64;

/** The dialog in which the caller gets a response. */
interface OpenedDialog {
  readonly toTag: string;
  /** It has not been seen before, and whoever adopts the call could not tell by itself which tag it has. */
  readonly isToBeStored: boolean;
}

/** A response of a callee that is to be passed on. */
interface Heard {
  readonly response: SipResponse;
  readonly around: CallSurroundings;
}

/**
 * The dialog of a provisional response or a 2xx. Each To tag of the called side is a dialog of its own (RFC 3261 §12.1), and
 * has a tag of its own towards the caller, as have those of another attempt: what RSeq counts then counts there too
 * (RFC 3262 §4).
 *
 * The first dialog of an attempt has the attempt's tag, which the Contact of its INVITE knows; which callee that is has to be
 * stored before another one is heard, or before anything hangs on the order of responses. What has no callee's tag passes
 * with the attempt's.
 * @returns undefined where the caller hears no provisional response of it (any more)
 */
export function openDialog(
  call: CallState,
  branch: BranchState,
  heard: Heard,
): OpenedDialog | undefined {
  const { response } = heard;
  const isProvisional = response.status < 200;
  const { tag: farTag = '' } = to(response);
  const known = call.dialogs.find((each) => each.branch === branch && each.farTag === farTag);
  if (known !== undefined) {
    if (known.isOver && isProvisional) return undefined;
    return { toTag: known.tag, isToBeStored: false };
  }
  if (isProvisional && call.dialogs.length >= MOST_DIALOGS) return undefined;
  return newDialog(call, branch, { ...heard, farTag });
}

function newDialog(
  call: CallState,
  branch: BranchState,
  heard: Heard & { readonly farTag: string },
): OpenedDialog {
  const { around, farTag, response } = heard;
  const { sequence } = branch;
  const { tagNumber } = branch.attempt;
  const attemptTag = around.attemptTag(call.toTag, tagNumber);
  const add = (tag: string): void => {
    call.dialogs.push({ branch, farTag, tag, isOver: false, isLeft: false });
  };
  if (farTag === '') {
    add(attemptTag);
    return { toTag: attemptTag, isToBeStored: false };
  }
  const others = call.dialogs.filter(
    (each) => each.branch.attempt.tagNumber === tagNumber && each.farTag !== '',
  );
  const isCounted = isToBeAcknowledged(call, branch, heard);
  const isFree = others.every(({ tag }) => tag !== attemptTag);
  // Of what is counted the store knew: a pod that died before may have given the attempt's tag to another callee.
  const isUnsure = isCounted && (branch.isAdopted || others.length > 0);
  const toTag = isFree && !isUnsure ? attemptTag : around.forkTag(attemptTag, { sequence, farTag });
  add(toTag);
  if (others.length === 1) noteForks(call, branch, heard);
  // `answer` stores what a 2xx opens.
  return { toTag, isToBeStored: response.status < 200 && (isCounted || others.length > 0) };
}

/** Whether the caller counts and acknowledges a provisional response. */
function isToBeAcknowledged(
  call: CallState,
  branch: BranchState,
  { response, around }: Heard,
): boolean {
  if (response.status >= 200 || !isReliable(response)) return false;
  const isAsked = hasPrack(call.invite);
  if (!isAsked) noteUnasked(call, branch, response, around.nowMs);
  return isAsked;
}

/** RFC 6228: the called side has ended one of its early dialogs; others go on. */
export function dialogEnded(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
): CallEffect[] {
  const { tag: farTag } = to(response);
  const dialog = call.dialogs.find((each) => each.branch === branch && each.farTag === farTag);
  // A dialog that the caller has never seen cannot end for it (RFC 6228 §6).
  if (dialog === undefined || dialog.isOver) return [];
  if (!hears199(call.invite)) return [];
  dialog.isOver = true;
  const toTag = dialog.tag;
  return [{ kind: 'relay', branch, response, toTag, isToBeStored: false }];
}

/** The early dialogs of branches that have failed while the call goes on: a caller that asks for it is told (RFC 6228 §6). */
export function endedDialogs(call: CallState): CallEffect[] {
  const ended = new Map<string, number>();
  for (const dialog of call.dialogs) {
    const { branch, isOver, tag } = dialog;
    if (isOver || branch.isLive || branch.stored !== 'yes') continue;
    dialog.isOver = true;
    ended.set(tag, branch.attempt.attempt.code);
  }
  if (ended.size === 0 || !mayTell199(call.invite)) return [];
  return Array.from(ended, ([toTag, code]) => ({ kind: 'end-dialog', toTag, code }) as const);
}

/** The caller has left one of several early dialogs with BYE (RFC 3261 §15): nothing of it reaches the caller any more. */
export function leaveDialog(call: CallState, tag: string): void {
  for (const dialog of call.dialogs) {
    if (dialog.tag !== tag) continue;
    dialog.isOver = true;
    dialog.isLeft = true;
  }
}

/** Whether the caller has left the dialog that a 2xx would confirm. */
export function isLeft(call: CallState, branch: BranchState, response: SipResponse): boolean {
  const { tag: farTag } = to(response);
  return call.dialogs.some(
    (each) => each.isLeft && each.branch === branch && each.farTag === farTag,
  );
}

/** Whether the caller has early dialogs besides the one with this tag. */
export function hasOthers({ dialogs }: Pick<Call, 'dialogs'>, tag: string): boolean {
  return dialogs.some((each) => each.tag !== tag && !each.isOver && each.branch.isLive);
}

/**
 * The tag towards the caller of the dialog in which a callee speaks.
 * @param attemptTag what the token of its attempt says
 */
export function tagOfCallee(
  dialogs: readonly Pick<EarlyDialog, 'farTag' | 'tag'>[],
  farTag: string,
  attemptTag: string,
): string {
  const ofTag = dialogs.filter((each) => each.farTag === farTag);
  const own = ofTag.findLast(({ tag }) => tag.startsWith(attemptTag));
  // A token that is kept is that of one attempt; callees of others that ring beside it have it as well.
  const other = farTag === '' ? undefined : ofTag.at(-1);
  return (own ?? other)?.tag ?? attemptTag;
}

function noteForks(call: CallState, branch: BranchState, { response, around }: Heard): void {
  call.decisions.push(
    edgeDecision('forked', {
      subject: subjectOf(branch),
      facts: { code: response.status, address: branch.attempt.attempt.address },
      atMs: around.nowMs,
    }),
  );
}
