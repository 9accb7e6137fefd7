import { CallRecord } from '@tandem/proto/edge';
import { recordedBranches } from '../core/call/call-record.ts';
import { authorizationsOf } from '../core/call/recovery.ts';
import { ownerName } from '../core/marks/owner.ts';
import type { Authorization } from '../core/messages/challenge-answers.ts';
import type { EdgeResources } from '../edge-resources.ts';

/**
 * What the INVITE of an answered call proved who the switch is with, from its record: for the ACK that reaches a pod which
 * did not see the INVITE. None where the record is gone or the store away; never rejects.
 */
export async function recordedAuthorizations(
  { local, logger, store }: Pick<EdgeResources, 'local' | 'logger' | 'store'>,
  callId: string,
): Promise<readonly Authorization[]> {
  try {
    const found = await store.adopt(callId, ownerName(local));
    if (found.kind !== 'answered' || found.record === undefined) return [];
    const record = CallRecord.decode(found.record);
    const won = recordedBranches(record).find(({ branch }) => branch === record.branch);
    return won === undefined ? [] : authorizationsOf(won);
  } catch (error) {
    logger.debug({ err: error, callId }, 'credentials of a call not at hand');
    return [];
  }
}
