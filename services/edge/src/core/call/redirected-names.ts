import type { NextCandidateReply } from '@tandem/proto/edge-replies';
import type { Candidate, Target } from '@tandem/proto/routing';
import type { CallState } from './call-state.ts';
import { edgeDecision } from './decisions.ts';
import { hostOf } from './redirect-targets.ts';

/** Contacts, to be called next, of which routing is asked where their names lead. */
export function redirectedNames(candidates: readonly Candidate[]): string[] {
  return candidates.flatMap(({ isRedirect, targets: [target] }) =>
    isRedirect && target?.addresses.length === 0 ? [target.uri] : [],
  );
}

/** Routing has said where the names of contacts lead; what leads nowhere is an attempt that comes to nothing, and why. */
export function namesFound(
  call: CallState,
  { redirected: found }: Pick<NextCandidateReply, 'redirected'>,
  nowMs: number,
): void {
  if (found.length === 0) return;
  const byUri = new Map(found.map((each) => [each.uri, each]));
  call.candidates = call.candidates.map((candidate, at) => {
    const [uri] = at < call.nextCandidate ? [] : redirectedNames([candidate]);
    const place = uri === undefined ? undefined : byUri.get(uri);
    if (place === undefined) return candidate;
    const { targets, cause } = place;
    if (targets.length > 0) return reachedAt(candidate, targets);
    const subject = `routing-gateway ${candidate.gateway}`;
    const facts = { name: hostOf(place.uri), cause };
    call.decisions.push(edgeDecision('redirect-unresolved', { subject, facts, atMs: nowMs }));
    return candidate;
  });
}

function reachedAt(candidate: Candidate, targets: readonly Target[]): Candidate {
  const local = candidate.targets[0]?.local;
  return {
    ...candidate,
    addresses: targets.flatMap(({ addresses }) => addresses),
    transport: targets[0]?.transport ?? candidate.transport,
    targets: targets.map((target) => (local === undefined ? target : { ...target, local })),
  };
}
