import { CallRecord } from '@tandem/proto/edge';
import { isAwaited } from '../core/call/call-outcomes.ts';
import { adoptedCall } from '../core/call/recovery.ts';
import { cancelOfBranch, inviteOf } from '../core/messages/branch-requests.ts';
import { LegTokens } from './leg-tokens.ts';
import type { MailboxSurroundings } from './mailbox-surroundings.ts';

/**
 * The pod of an answered call has died: those that were called beside who answered may still ring, and are cancelled, whether or not
 * they have been before. Whatever they say to that is said to anybody (pods/foreign-calls.ts).
 */
export function cancelSlower(
  { edge, services }: Pick<MailboxSurroundings, 'edge' | 'services'>,
  { callId, record: bytes }: { readonly callId: string; readonly record: Buffer },
): void {
  const { logger, sealer, unwanted } = edge;
  const record = CallRecord.decode(bytes);
  const call = adoptedCall(record, { sealer, isEnded: false });
  if (call === undefined) {
    logger.error({ callId }, 'record of a call cannot be read');
    return;
  }
  const parts = { call, tokens: new LegTokens(edge, call) };
  const { cancelReasons } = call;
  let left = 1;
  const done = (): void => {
    left -= 1;
    if (left === 0) services.forget(callId);
  };
  for (const branch of call.branches) {
    if (branch.text === record.branch || !isAwaited(branch)) continue;
    const invite = inviteOf(edge, parts, branch);
    if (typeof invite === 'string') continue;
    left += 1;
    const { address, request } = invite;
    const cancel = cancelOfBranch(request, branch, { cancelReasons, answered: true });
    unwanted.cancelled(cancel, address, done);
  }
  done();
}
