import { CallRecord } from '@tandem/proto/edge';
import type { Authorization } from '../core/call/call-state.ts';
import { authorizationOf } from '../core/call/recovery.ts';
import { ownerName } from '../core/marks/owner.ts';
import type { EdgeResources } from '../edge-resources.ts';

/**
 * What the INVITE of an answered call proved who the switch is with, from its record: for the ACK that reaches a pod which
 * did not see the INVITE. Undefined where the record is gone or the store away; never rejects.
 */
export async function recordedAuthorization(
  { local, logger, store }: Pick<EdgeResources, 'local' | 'logger' | 'store'>,
  callId: string,
): Promise<Authorization | undefined> {
  try {
    const found = await store.adopt(callId, ownerName(local));
    if (found.kind !== 'answered' || found.record === undefined) return undefined;
    return authorizationOf(CallRecord.decode(found.record));
  } catch (error) {
    logger.debug({ err: error, callId }, 'credentials of a call not at hand');
    return undefined;
  }
}
