import { CallRecord } from '@tandem/proto/edge';
import type { Candidate } from '@tandem/proto/routing';
import type { CallState } from './call-state.ts';
import { formatPeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';
import type { Sealer } from './seal.ts';

/** The write-ahead record: all that another pod needs to go on with the call (edge.md §1.5). */
export function callRecord(
  call: CallState,
  facts: {
    readonly inviteBytes: Buffer;
    readonly source: PeerAddress;
    readonly traceParent: string;
    readonly sealer: Sealer;
  },
): Buffer {
  const last = call.attempts.at(-1);
  const record: CallRecord = {
    callId: call.callId,
    invite: facts.inviteBytes,
    source: formatPeerAddress(facts.source),
    startedMs: call.startedMs,
    ringingMs: call.ringingMs,
    origin: call.origin,
    candidates: call.candidates.map((candidate) => sealed(candidate, facts.sealer)),
    attempt: call.nextCandidate,
    attempts: call.attempts.map(({ attempt }) => attempt),
    sequence: call.sequence,
    cseqOffset: last?.cseqOffset ?? 0,
    customerTerms: call.customerTerms,
    lines: [...call.lines],
    decisions: call.decisions,
    traceParent: facts.traceParent,
    maxDurationSeconds: call.maxDurationSeconds,
    authorizationHeader: last?.authorization?.header ?? '',
    authorization: last?.authorization?.value ?? '',
  };
  return Buffer.from(CallRecord.encode(record).finish());
}

/** The carriers' passwords lie sealed in the store (AUTH-12). */
function sealed(candidate: Candidate, sealer: Sealer): Candidate {
  if (candidate.password === '') return candidate;
  return { ...candidate, password: sealer.seal('secret', Buffer.from(candidate.password)) };
}
