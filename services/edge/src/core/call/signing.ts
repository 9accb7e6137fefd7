import type { BranchState, CallState } from './call-state.ts';
import type { Signing } from './call-steps.ts';
import { edgeDecision } from './decisions.ts';

/** What an INVITE is signed with, or why it is not: kept with its branch, so that whoever repeats it sends the same (CALL-12). */
export function noteSigning(
  call: CallState,
  branch: BranchState,
  { signing, atMs }: { readonly signing: Signing; readonly atMs: number },
): void {
  const { gateway, identity } = branch.attempt.candidate;
  const subject = `routing-gateway ${gateway}`;
  if (signing.kind === 'unsigned') {
    const facts = { cause: signing.cause };
    call.decisions.push(edgeDecision('invite-not-signed', { subject, facts, atMs }));
    return;
  }
  branch.signature = signing.identity;
  const { attestation = '', because = '', certificate = '' } = identity?.signature ?? {};
  const facts = { attestation, because, certificate };
  call.decisions.push(edgeDecision('invite-signed', { subject, facts, atMs }));
}
