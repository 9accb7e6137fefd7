import { SipRequest, SipResponse, cseq } from '@tandem/sip';
import type { FinalResponse } from '../call/call-state.ts';
import type { LegName } from '../dialog/dialog-token.ts';
import type { BodyStep, PassingBody, PassingMedia } from '../../ports.ts';
import { reportedStatus } from './refer.ts';

/** The body step where nobody has another one: what came in goes out. */
export const asReceived: BodyStep = { pass: ({ bytes }) => bytes };

/** The body of a message that goes to the other leg of its call. */
export function passingBody(
  message: SipRequest | SipResponse,
  about: {
    readonly callId: string;
    /** The side that sent it. */
    readonly from: LegName;
    /** Number of the INVITE that it is, or answers. @default 0: it is in a dialog */
    readonly sequence?: number | undefined;
    /** @default media is not anchored */
    readonly media?: PassingMedia | undefined;
  },
): PassingBody {
  const isRequest = message instanceof SipRequest;
  const { callId, from, media, sequence = 0 } = about;
  return {
    callId,
    from,
    sequence,
    method: isRequest ? message.method : cseq(message).method,
    status: isRequest ? undefined : message.status,
    contentType: message.headers.get('Content-Type') ?? '',
    bytes: isRequest && message.method === 'NOTIFY' ? reportedStatus(message) : message.body,
    media,
  };
}

/** The body of what a callee refuses with; undefined where it has none, or none is known any more. */
export function refusedBody(final: FinalResponse, callId: string): PassingBody | undefined {
  if (final.kind === 'refusal' || final.response === undefined) return undefined;
  const { response, sequence } = final;
  return hasBody(response) ? passingBody(response, { callId, from: 'b', sequence }) : undefined;
}

/** That of a request as it went out on the other leg, behind the step: what digest of `auth-int` covers. */
export function sentBody({ body }: SipRequest): Buffer {
  return body;
}

/** That of a caller's INVITE, which goes to a carrier where the step has left it as it was. */
export function receivedBody({ body }: SipRequest): Buffer {
  return body;
}

/** A provisional response as the caller gets it: another code, perhaps, and perhaps no session description. */
export function shownResponse(
  { headers, body }: SipResponse,
  shown: { readonly status: number; readonly phrase: string; readonly hasSdp: boolean },
): SipResponse {
  return new SipResponse(shown.status, shown.phrase, headers, shown.hasSdp ? body : NO_BODY);
}

const NO_BODY = Buffer.alloc(0);

/** Whether a message has one. */
export function hasBody({ body }: SipRequest | SipResponse): boolean {
  return body.length > 0;
}
