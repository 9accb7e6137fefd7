import type { Candidate } from '@tandem/proto/routing';
import { hasBody, passingBody } from '../messages/passing-body.ts';
import { mediaTerms } from '../media/media-terms.ts';
import type { MediaTerms } from '../media/media-terms.ts';
import { mayHoldSdp, sdpPlace } from '../media/sdp-part.ts';
import type { Call, CallAttempt, CallState } from './call-state.ts';
import type { CallSurroundings } from './call-steps.ts';
import { edgeDecision } from './decisions.ts';

/** Gives a new attempt to a media relay, where routing has its media anchored. @returns what stands for the relay; 0 = none */
export function anchor(
  call: CallState,
  { gateway, media }: Candidate,
  around: CallSurroundings,
): number {
  if (media === undefined) return 0;
  const relay = around.relay(call.callId);
  const subject = `routing-gateway ${gateway}`;
  const atMs = around.nowMs;
  const policy = media.isRequired ? 'required' : 'optional';
  const { why } = media;
  call.decisions.push(
    relay === undefined
      ? edgeDecision('media-relay-away', { subject, facts: { policy, why }, atMs })
      : edgeDecision('media-anchored', {
          subject,
          facts: { relay: relay.name, policy, why },
          atMs,
        }),
  );
  return relay?.id ?? 0;
}

/** Whether an attempt may not be made: nobody anchors its media. */
export function isRelayMissing({ candidate, relay }: CallAttempt): boolean {
  return relay === 0 && candidate.media?.isRequired === true;
}

/** How the media of an attempt is anchored; undefined where it is not. */
export function mediaTermsOf(call: Call, attempt: CallAttempt): MediaTerms | undefined {
  const { candidate, relay } = attempt;
  if (relay === 0) return undefined;
  const { invite } = call;
  const isLateOffer = !hasBody(invite) || !mayHoldSdp(invite.headers.get('Content-Type') ?? '');
  return mediaTerms(candidate.media, {
    relay,
    attempt: call.attempts.indexOf(attempt) + 1,
    isLateOffer,
    offer: () => offerIn(call),
  });
}

/** The caller's session description. */
function offerIn({ callId, invite }: Call): string | undefined {
  const { bytes, contentType } = passingBody(invite, { callId, from: 'a' });
  const place = sdpPlace(contentType, bytes);
  return place === undefined ? undefined : bytes.toString('latin1', place.start, place.end);
}

function isAnchored({ relay }: CallAttempt): boolean {
  return relay !== 0;
}

/** Attempts whose media nobody needs any more, as far as the store knows that too. */
export function mediaLeft(call: Call): CallAttempt[] {
  const { attempts, branches, phase, winner } = call;
  if (phase === 'ending' || !attempts.some(isAnchored)) return [];
  return attempts.filter(
    (attempt) =>
      isAnchored(attempt) &&
      attempt !== winner?.attempt &&
      branches.every(
        (branch) => branch.attempt !== attempt || (!branch.isLive && branch.stored === 'yes'),
      ),
  );
}
