import { ByteReader, ByteWriter } from './byte-codec.ts';
import { CALL_ID_BYTES } from './call-mark.ts';
import type { LegName } from './dialog-token.ts';
import { formatPeerAddress, parsePeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';
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
}

const PREFIX = 'z9hG4bK-s';

/** The branch for a hop; the same for the same hop, so that CANCEL and ACK meet their INVITE. */
export function sealBranch(sealer: Sealer, hop: RelayedHop): string {
  const writer = new ByteWriter()
    .u8(hop.from === 'a' ? 0 : 1)
    .bytes(Buffer.from(hop.callId, 'base64url'))
    .u32(hop.cseqNumber)
    .string(formatPeerAddress(hop.source))
    .string(hop.callIdHeader)
    .string(hop.fromHeader)
    .string(hop.toHeader);
  for (const via of hop.vias) writer.string(via);
  return PREFIX + sealer.seal('branch', writer.u8(0).finish());
}

/** Whether a branch looks like one of a relayed request. */
export function isDialogBranch(branch: string): boolean {
  return branch.startsWith(PREFIX);
}

/** Opens a branch; undefined where it is none of ours. */
export function openBranch(sealer: Sealer, branch: string): RelayedHop | undefined {
  const bytes = sealer.open('branch', branch.slice(PREFIX.length));
  if (bytes === undefined) return undefined;
  const reader = new ByteReader(bytes);
  const from = reader.u8() === 0 ? ('a' as const) : ('b' as const);
  const callId = reader.bytes(CALL_ID_BYTES).toString('base64url');
  const cseqNumber = reader.u32();
  const source = parsePeerAddress(reader.string());
  if (source === undefined) return undefined;
  const callIdHeader = reader.string();
  const fromHeader = reader.string();
  const toHeader = reader.string();
  const vias: string[] = [];
  for (let via = reader.string(); via !== ''; via = reader.string()) vias.push(via);
  return { callId, from, source, vias, callIdHeader, fromHeader, toHeader, cseqNumber };
}
