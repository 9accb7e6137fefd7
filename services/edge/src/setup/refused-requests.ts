import { refusals } from '@tandem/domain';
import type { RefusalReason } from '@tandem/domain';
import type { SipParseError, SipRequest } from '@tandem/sip';
import { readableText } from '@tandem/sip';
import type { CallEffect } from '../core/call/call-steps.ts';
import type { RequestAnswer } from '../core/messages/caller-response.ts';
import {
  aboutRequest,
  whyNoCall,
  whyNotLetIn,
  whyRefused,
} from '../core/messages/refused-request.ts';
import { formatPeerAddress } from '../core/network/peer-address.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { messagesDropped } from '../telemetry.ts';

type Told = Pick<EdgeResources, 'journal'>;

/** Writes down that a request was refused of which nothing else is kept. @param parts.offset where a broken one is wrong */
export function noteRefused(
  { journal }: Told,
  request: SipRequest,
  parts: {
    readonly source: PeerAddress;
    readonly answer: RequestAnswer;
    readonly offset?: number | undefined;
  },
): void {
  const why = journal && whyRefused(request, parts.answer, parts.offset);
  if (why !== undefined) journal?.note({ ...aboutRequest(request, parts.source), ...why });
}

/** The same of one that was refused as calls are. */
export function noteNoCall(
  { journal }: Told,
  request: SipRequest,
  { source, reason }: { readonly source: PeerAddress; readonly reason: RefusalReason },
): void {
  journal?.note({ ...aboutRequest(request, source), ...whyNoCall(request, reason) });
}

/** A call that auth has challenged for wrong credentials, or turned away without a CDR. One that is challenged for the first time is none. */
export function noteNotLetIn(
  { journal }: Told,
  invite: SipRequest,
  {
    source,
    effect,
  }: {
    readonly source: PeerAddress;
    readonly effect: Extract<CallEffect, { kind: 'challenge' | 'turn-away' }>;
  },
): void {
  const code = effect.kind === 'challenge' ? effect.challenge.code : codeOf(effect.reason);
  const why = journal && whyNotLetIn(invite, { code, decisions: effect.decisions ?? [] });
  if (why !== undefined) journal?.note({ ...aboutRequest(invite, source), ...why });
}

/** 0: it gets no answer. */
function codeOf(reason: RefusalReason | undefined): number {
  return reason === undefined ? 0 : refusals[reason].code;
}

/** A program that looks for switches to be abused gets no answer (AUTH-08). */
export function dropScanner({ journal }: Told, request: SipRequest, source: PeerAddress): void {
  messagesDropped.add(1, { cause: 'scanner' });
  const facts = { method: readableText(request.method) };
  journal?.note({ ...aboutRequest(request, source), cause: 'scanner', facts });
}

/** What is so broken that nobody can be answered. */
export function noteUnreadable(
  { journal }: Told,
  { message, offset }: SipParseError,
  source: PeerAddress,
): void {
  journal?.note({
    cause: 'unreadable',
    facts: { fault: readableText(message), offset: offset === 0 ? undefined : offset },
    terminal: '',
    account: '',
    sender: 'unknown',
    source: formatPeerAddress(source),
    userAgent: '',
  });
}
