import { CallRecord } from '@tandem/proto/edge';
import { adoptedCall } from '../core/call/adopted-call.ts';
import { edgeDecision } from '../core/call/decisions.ts';
import { ownerName } from '../core/marks/owner.ts';
import { callsAdopted } from '../telemetry.ts';
import type { CallDirectory } from './call-directory.ts';
import { CallSpan } from './call-span.ts';
import { CallSession } from './call-session.ts';
import type { CallSessionOwner } from './call-session.ts';
import type { EdgeResources } from '../edge-resources.ts';

/** A call of another pod that is this one's from now on. */
export interface Adoption {
  readonly callId: string;
  readonly record: Buffer;
  readonly isEnded: boolean;
  readonly cause: 'message' | 'offer' | 'sweep';
  /** Branch of an INVITE to which a response has come. */
  readonly seenBranch?: string | undefined;
}

/** RFC 3261 §17.1.1.2: the transactions of a call that has failed last for so long at its peers. */
const WOUND_UP_MS = 32_000;

/**
 * Goes on with a call as its record says, unless it is in memory already (edge.md §5).
 * @returns whether it is in memory now
 */
export function adoptCall(
  edge: EdgeResources,
  adoption: Adoption,
  { calls, owner }: { readonly calls: CallDirectory; readonly owner: CallSessionOwner },
): boolean {
  const { logger, clock, local, sealer } = edge;
  const { callId, isEnded, cause } = adoption;
  const record = CallRecord.decode(adoption.record);
  if (isEnded && clock.now() - lastMoment(record) > WOUND_UP_MS) {
    forget(edge, callId);
    return false;
  }
  const known = calls.byCallId(callId);
  if (known !== undefined) {
    if (known.sequence >= record.sequence) return true;
    // Others have gone on with it while this pod was paused.
    known.drop();
  }
  const adopted = adoptedCall(record, { sealer, isEnded });
  if (adopted === undefined) {
    logger.error({ callId }, 'record of a call cannot be read');
    return false;
  }
  if (cause !== 'sweep') callsAdopted.add(1, { cause });
  logger.info({ callId, from: record.owner, cause }, 'call adopted');
  const { call, invite, source } = adopted;
  const facts = { from: record.owner, cause };
  call.decisions.push(
    edgeDecision('adopted', { subject: `edge ${local.name}`, facts, atMs: clock.now() }),
  );
  const { traceParent, branch, sequence } = record;
  const span = new CallSpan(traceParent);
  const session = new CallSession(edge, { invite, source, owner, call, span });
  calls.add(session);
  session.resume(branch !== '' && adoption.seenBranch === branch ? sequence : 0);
  return true;
}

/** Both ends of a call that ended so long ago have forgotten it. */
function forget({ local, logger, store }: EdgeResources, callId: string): void {
  store.forget(callId, ownerName(local)).catch((error: unknown) => {
    logger.debug({ err: error, callId }, 'call not forgotten');
  });
}

/** When a call that has failed ended, about. */
function lastMoment({ attempts, startedMs }: CallRecord): number {
  return Math.max(startedMs, ...attempts.map(({ endedMs }) => endedMs));
}
