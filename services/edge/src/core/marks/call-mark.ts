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
  /** Which of the call's INVITEs this is (0–255): each attempt and each answer to a challenge is a transaction of its own. */
  readonly sequence: number;
}

export const CALL_ID_BYTES = 12;
/** The highest number that an INVITE of a call may have: a mark has one byte for it. */
export const MOST_SEQUENCES = 255;
const BODY_BYTES = 1 + 3 + 1 + CALL_ID_BYTES;
const MAC_BYTES = 4;
/** A mark's bytes; its text has a third more characters. */
export const MARK_BYTES = BODY_BYTES + MAC_BYTES;
/** Characters of a mark as text. */
export const MARK_CHARACTERS = (MARK_BYTES / 3) * 4;
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
  if (text.length !== MARK_CHARACTERS) return undefined;
  const body = Buffer.from(text, 'base64url');
  return body.length === MARK_BYTES ? readMark(body) : undefined;
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
  if (text.length !== MARK_CHARACTERS) return undefined;
  const body = Buffer.from(text, 'base64url');
  if (body.length !== MARK_BYTES) return undefined;
  if (!sealer.isMac(body.subarray(0, BODY_BYTES), body.subarray(BODY_BYTES))) return undefined;
  return readMark(body);
}

function readMark(body: Buffer): CallMark {
  return {
    slot: body.readUInt8(0),
    epoch: body.readUIntBE(1, 3),
    sequence: body.readUInt8(4),
    callId: body.toString('base64url', 5, BODY_BYTES),
  };
}
