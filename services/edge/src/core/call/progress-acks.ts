import type { SipResponse } from '@tandem/sip';
import { hasBody } from '../messages/passing-body.ts';
import { hasPrack, isReliable } from '../messages/provisional-options.ts';
import type { BranchState, CallState } from './call-state.ts';
import type { CallEffect } from './call-steps.ts';

/**
 * RFC 3262 §3 forbids a carrier to have a provisional response acknowledged that its INVITE does not support; one that does so
 * all the same repeats it and fails the call after 64 × T1. So the switch acknowledges it, in its caller's place, but for an
 * offer, which the caller alone can answer (§5).
 */
export function acknowledgeProgress(
  { invite }: CallState,
  branch: BranchState,
  { response, hasSdp }: { readonly response: SipResponse; readonly hasSdp: boolean },
): CallEffect | undefined {
  if (!isReliable(response) || hasPrack(invite) || (hasSdp && !hasBody(invite))) return undefined;
  branch.countsBehind = true;
  return { kind: 'acknowledge', sequence: branch.sequence, progress: response };
}
