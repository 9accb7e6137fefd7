import { CallRecord } from '@tandem/proto/edge';
import { cseq, serialize, serverTransactionKey, to, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { replyTo } from '../core/call/call-state.ts';
import { adoptedCall } from '../core/call/recovery.ts';
import { decodeToken, issueToken } from '../core/dialog/dialog-token.ts';
import { relayedResponse } from '../core/messages/caller-response.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { mediaOfAnswer } from '../core/media/passing-media.ts';
import type { PassingMedia, StoredTokens } from '../ports.ts';
import type { AnsweredCall } from '../setup/calls.ts';
import type { EdgeResources } from '../edge-resources.ts';

/** What is in the store of an answered call. */
export interface StoredAnswer {
  readonly record: Buffer | undefined;
  readonly tokens: StoredTokens;
}

/**
 * An answered call of another pod, which died before it relayed the 2xx or before the caller's ACK came, as that pod would
 * remember it: the 2xx for the caller is made again from the record, the caller's token and the carrier's repeated 2xx.
 * @returns undefined where the 2xx is not that of the call: another fork's, or another attempt's
 */
export function answeredElsewhere(
  { local, sealer }: Pick<EdgeResources, 'local' | 'sealer'>,
  stored: StoredAnswer,
  {
    response,
    from,
    passedBody,
  }: {
    readonly response: SipResponse;
    readonly from: PeerAddress;
    /** What the body step has made of the response's. */
    readonly passedBody: Buffer;
  },
): AnsweredCall | undefined {
  if (stored.record === undefined || stored.tokens.a.length === 0) return undefined;
  const record = CallRecord.decode(stored.record);
  const call = adoptedCall(record, { sealer, isEnded: false });
  const token = decodeToken(stored.tokens.a);
  const branch = topVia(response).branch ?? '';
  const tag = to(response).tag ?? '';
  const won = call?.branches.find(({ text }) => text === branch);
  if (call === undefined || record.branch !== branch || token.remoteTag !== tag) {
    return undefined;
  }
  const { invite, source } = call;
  // What the carrier's token says of us is what the caller knows us by.
  const { b } = stored.tokens;
  const toTag = b.length === 0 ? call.toTag : decodeToken(b).localTag;
  const relayed = relayedResponse({
    invite,
    response,
    passedBody,
    toTag,
    local: nameTowards(local, source),
    contactToken: issueToken(sealer, token).text,
    transport: source.transport,
    terms: won?.attempt.candidate.dialog,
  });
  return {
    transactionKey: serverTransactionKey(invite),
    callId: call.callId,
    branch,
    cseq: cseq(invite).number,
    authorizations: won?.authorizations ?? [],
    tag,
    toTag,
    answer: serialize(relayed),
    replyTo: replyTo(call),
    carrier: from,
    candidates: call.candidates,
  };
}

/** How the media of a repeated 2xx is anchored; undefined where it is not, or another fork's. */
export function answeredMedia(
  response: SipResponse,
  { tokens }: StoredAnswer,
  { address }: PeerAddress,
): PassingMedia | undefined {
  if (tokens.a.length === 0) return undefined;
  const { firstCseq, remoteTag, terms } = decodeToken(tokens.a);
  if (terms.media === undefined || remoteTag !== to(response).tag) return undefined;
  return mediaOfAnswer(terms.media, response, { source: address, cseq: firstCseq });
}
