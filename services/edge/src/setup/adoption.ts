import { CallRecord } from '@tandem/proto/edge';
import { serverTransactionKey } from '@tandem/sip';
import { originOf } from '../core/call/invite-origin.ts';
import { adoptedCall } from '../core/call/recovery.ts';
import { CallSpan, callsAdopted } from '../telemetry.ts';
import type { CallDirectory } from './call-directory.ts';
import { CallMailbox } from './call-mailbox.ts';
import type { MailboxSurroundings } from './mailbox-surroundings.ts';
import { cancelSlower } from './slower-branches.ts';

/** A call of another pod that is this one's from now on. */
export interface Adoption {
  readonly callId: string;
  readonly record: Buffer;
  readonly isEnded: boolean;
  /** It was answered: all that is left is to tell others that were called. */
  readonly wasAnswered?: true;
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
  around: MailboxSurroundings,
  adoption: Adoption,
  calls: CallDirectory,
): boolean {
  const { edge, services } = around;
  const { logger, clock, local, sealer, tally } = edge;
  const { callId, isEnded, cause, seenBranch } = adoption;
  if (adoption.wasAnswered === true) {
    cancelSlower(around, adoption);
    return false;
  }
  const record = CallRecord.decode(adoption.record);
  if (isEnded && clock.now() - lastMoment(record) > WOUND_UP_MS) {
    // Both ends of it have forgotten it.
    services.forget(callId);
    return false;
  }
  const known = calls.byCallId(callId);
  if (known !== undefined) {
    if (known.sequence >= record.sequence) return true;
    // Others have gone on with it while this pod was paused.
    known.take({ kind: 'lost' });
  }
  const call = adoptedCall(record, { sealer, isEnded });
  if (call === undefined) {
    logger.error({ callId }, 'record of a call cannot be read');
    return false;
  }
  if (cause !== 'sweep') callsAdopted.add(1, { cause });
  logger.info({ callId, from: record.owner, cause }, 'call adopted');
  const { invite } = call;
  const mailbox = new CallMailbox(around, {
    call,
    span: new CallSpan(record.traceParent),
    transactionKey: serverTransactionKey(invite),
    origin: originOf(invite),
  });
  tally.adopt(call);
  calls.add(mailbox);
  mailbox.resume({ adoption: { by: local.name, from: record.owner, cause }, seenBranch });
  return true;
}

/** When a call that has failed ended, about. */
function lastMoment({ attempts, startedMs }: CallRecord): number {
  return Math.max(startedMs, ...attempts.map(({ endedMs }) => endedMs));
}
