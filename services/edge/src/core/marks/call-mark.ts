import type { Sealer } from './seal.ts';

/**
 * What marks a message of an initial INVITE as ours: the Via branch towards the carrier and the To tag towards the
 * caller both carry the owner's slot, its boot epoch, the call id and a MAC (edge.md §2). The owner is a hint for
 * handing a message over; the MAC keeps strangers from naming calls.
 */
export interface CallMark {
  readonly slot: number;
  readonly epoch: number;
  /** Base64url, 16 characters. */
  readonly callId: string;
  /**
   * Which of the call's INVITEs this is (1–127): each attempt and each answer to a challenge is a transaction of its own. That
   * of a To tag is 0, or above all INVITEs (core/marks/dialog-tag.ts).
   */
  readonly sequence: number;
}

export const CALL_ID_BYTES = 12;
/** The highest number that an INVITE of a call may have: half of what a byte holds, for the other half marks To tags. */
export const MOST_SEQUENCES = 127;
const BODY_BYTES = 1 + 3 + 1 + CALL_ID_BYTES;
const MAC_BYTES = 4;
/** A mark's bytes; its text has a third more characters. */
export const MARK_BYTES = BODY_BYTES + MAC_BYTES;
/** Characters of a mark as text. */
export const MARK_CHARACTERS = (MARK_BYTES / 3) * 4;
/** Behind it a To tag may say more (core/marks/dialog-tag.ts). No base64url, hexadecimal or UUID has it. */
export const MARK_END = '~';
const MAGIC_COOKIE = 'z9hG4bK';

/** The branch of the INVITE that goes to a carrier, of its mark as text: 35 characters. */
export function markedBranch(mark: string): string {
  return MAGIC_COOKIE + mark;
}

/**
 * What a branch says of itself, its MAC unchecked: enough to find the call, whose own branch it is then compared with.
 * Undefined where it has not the form.
 */
export function branchMark(branch: string): CallMark | undefined {
  if (branch.length !== MAGIC_COOKIE.length + MARK_CHARACTERS) return undefined;
  return markIn(branch.slice(MAGIC_COOKIE.length));
}

/** What a To tag says of itself, or a branch behind its magic cookie: as `branchMark`. */
export function markIn(text: string): CallMark | undefined {
  const body = markBytes(text);
  return body === undefined ? undefined : readMark(body);
}

/** Reads a branch back; undefined where it is not one of ours. */
export function parseBranch(sealer: Sealer, branch: string): CallMark | undefined {
  if (branch.length !== MAGIC_COOKIE.length + MARK_CHARACTERS) return undefined;
  return parseMark(sealer, branch.slice(MAGIC_COOKIE.length));
}

/** The To tag that the caller sees, or the text in a branch behind the magic cookie: 28 characters. */
export function formatMark(sealer: Sealer, mark: CallMark): string {
  const body = Buffer.allocUnsafe(MARK_BYTES);
  body.writeUInt8(mark.slot, 0);
  body.writeUIntBE(mark.epoch, 1, 3);
  body.writeUInt8(mark.sequence, 4);
  body.write(mark.callId, 5, 'base64url');
  sealer.mac(body.subarray(0, BODY_BYTES), MAC_BYTES).copy(body, BODY_BYTES);
  return body.toString('base64url');
}

/** Reads a To tag back; undefined where it is not one of ours. */
export function parseMark(sealer: Sealer, text: string): CallMark | undefined {
  const body = markBytes(text);
  if (body === undefined) return undefined;
  if (!sealer.isMac(body.subarray(0, BODY_BYTES), body.subarray(BODY_BYTES))) return undefined;
  return readMark(body);
}

/** Reads the mark behind what a branch says that it is for; undefined where it is not one of ours. */
export function parseMarkBehind(
  sealer: Sealer,
  prefix: string,
  branch: string,
): CallMark | undefined {
  if (!branch.startsWith(prefix) || branch.length !== prefix.length + MARK_CHARACTERS) {
    return undefined;
  }
  return parseMark(sealer, branch.slice(prefix.length));
}

/** The mark of the same call with another number, under the key of the one that is given: the same on any pod. */
export function siblingMark(sealer: Sealer, mark: Buffer, sequence: number): string {
  const sibling = Buffer.from(mark);
  sibling.writeUInt8(sequence, 4);
  const content = sibling.subarray(0, BODY_BYTES);
  sealer.macBeside(macOf(mark), content, MAC_BYTES).copy(sibling, BODY_BYTES);
  return sibling.toString('base64url');
}

/** A mark's bytes as what its MAC is over, and the MAC. */
export function macOf(mark: Buffer): { readonly content: Buffer; readonly mac: Buffer } {
  return { content: mark.subarray(0, BODY_BYTES), mac: mark.subarray(BODY_BYTES, MARK_BYTES) };
}

/** The bytes of the mark in a To tag, whatever stands behind it; undefined where it has not the form. */
export function markBytes(text: string): Buffer | undefined {
  if (text.length < MARK_CHARACTERS) return undefined;
  if (text.length > MARK_CHARACTERS && text[MARK_CHARACTERS] !== MARK_END) return undefined;
  const body = Buffer.from(text.slice(0, MARK_CHARACTERS), 'base64url');
  return body.length === MARK_BYTES ? body : undefined;
}

function readMark(body: Buffer): CallMark {
  return {
    slot: body.readUInt8(0),
    epoch: body.readUIntBE(1, 3),
    sequence: body.readUInt8(4),
    callId: body.toString('base64url', 5, BODY_BYTES),
  };
}
