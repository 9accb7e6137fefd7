import { ByteReader, ByteWriter } from './byte-codec.ts';
import { CALL_ID_BYTES } from './call-mark.ts';
import type { LegName } from './dialog-token.ts';
import type { ContactForm } from './messages/local-headers.ts';
import type { PeerAddress } from './peer-address.ts';
import { readPeer, writePeer } from './peer-codec.ts';
import type { Sealer } from './seal.ts';

/**
 * What the branch of a request that was relayed in a dialog says of where it came from: all that is needed to pass
 * the response back, on any pod (edge.md §2).
 */
export interface RelayedHop {
  readonly callId: string;
  /** The leg the request came from. */
  readonly from: LegName;
  /** Where the response goes. */
  readonly source: PeerAddress;
  /** The sender's Via values, topmost first, as received. */
  readonly vias: readonly string[];
  readonly callIdHeader: string;
  readonly fromHeader: string;
  readonly toHeader: string;
  readonly cseqNumber: number;
  /** CALL-05: what a 2xx without session interval is completed with, even seconds; 0 = nothing. */
  readonly sessionSeconds: number;
  /** The sender wants its token in a parameter. */
  readonly contactForm: ContactForm;
}

const PREFIX = 'z9hG4bK-s';

const FROM_B = 1;
const IN_PARAM = 2;
const HAS_SESSION = 4;

/**
 * The branch for a hop; the same for the same hop, so that CANCEL and ACK meet their INVITE.
 * @param like the token that led here, whose key the branch gets
 */
export function sealBranch(sealer: Sealer, hop: RelayedHop, like?: string): string {
  const writer = new ByteWriter()
    .u8(
      (hop.from === 'a' ? 0 : FROM_B) |
        (hop.contactForm === 'param' ? IN_PARAM : 0) |
        (hop.sessionSeconds > 0 ? HAS_SESSION : 0),
    )
    .bytes(Buffer.from(hop.callId, 'base64url'))
    .u32(hop.cseqNumber);
  if (hop.sessionSeconds > 0) writer.u16(hop.sessionSeconds / 2);
  writePeer(writer, hop.source);
  writer.string(hop.callIdHeader).string(hop.fromHeader).string(hop.toHeader);
  for (const via of hop.vias) writer.string(via);
  return PREFIX + sealer.seal('branch', writer.u8(0).finish(), like);
}

/** Whether a branch looks like one of a relayed request. */
export function isDialogBranch(branch: string): boolean {
  return branch.startsWith(PREFIX);
}

/** The sealed text in a branch. */
export function sealedInBranch(branch: string): string {
  return branch.slice(PREFIX.length);
}

/** Opens a branch; undefined where it is none of ours. */
export function openBranch(sealer: Sealer, branch: string): RelayedHop | undefined {
  const bytes = sealer.open('branch', sealedInBranch(branch));
  if (bytes === undefined) return undefined;
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  const callId = reader.bytes(CALL_ID_BYTES).toString('base64url');
  const cseqNumber = reader.u32();
  const sessionSeconds = (kind & HAS_SESSION) === 0 ? 0 : reader.u16() * 2;
  const source = readPeer(reader);
  const callIdHeader = reader.string();
  const fromHeader = reader.string();
  const toHeader = reader.string();
  const vias: string[] = [];
  for (let via = reader.string(); via !== ''; via = reader.string()) vias.push(via);
  return {
    callId,
    from: (kind & FROM_B) === 0 ? 'a' : 'b',
    source,
    vias,
    callIdHeader,
    fromHeader,
    toHeader,
    cseqNumber,
    sessionSeconds,
    contactForm: (kind & IN_PARAM) === 0 ? 'user' : 'param',
  };
}
