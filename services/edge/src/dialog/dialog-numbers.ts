import { cseq } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import { rackNumber } from '../core/messages/dialog-request.ts';
import type { DialogNumbers } from '../core/messages/dialog-request.ts';
import { blindCseq } from '../core/messages/switch-requests.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { PlacedRequest } from '../ports.ts';

type Resources = Pick<EdgeResources, 'clock' | 'logger' | 'sessions'>;

/** Methods whose number is not noted before the switch has spoken: it says nothing new, or nothing comes after it. */
const unnoted = new Set(['ACK', 'BYE', 'CANCEL']);

/**
 * The numbers that a request has in the other dialog, where the switch may have spoken in it (edge.md §1.2, CALL-05) or
 * answered a challenge (AUTH-11): the store counts then. Undefined where they are its own, which is every request of a usual call.
 */
export function numbersFor(
  edge: Resources,
  request: SipRequest,
  token: DialogToken,
): Promise<PlacedRequest | undefined> | undefined {
  const { mayChallenge, speaksFromS } = token.terms;
  if (speaksFromS === 0 && !mayChallenge) return undefined;
  const { number } = cseq(request);
  // The ACK of the answer: it has the number of the INVITE, which came before anything of the switch.
  if (token.holder === 'a' && number === token.firstCseq) return undefined;
  const isCounting = mayHaveSpoken(edge, token);
  if (!isCounting) note(edge, request, token);
  return isCounting || mayChallenge ? placed(edge, request, { token, isCounting }) : undefined;
}

/** Where the store knows nothing of a call that the switch may have spoken in, the end of it is numbered above all else. */
export function blindNumbers(
  edge: Resources,
  request: SipRequest,
  token: DialogToken,
): DialogNumbers | undefined {
  if (!token.terms.mayChallenge && !mayHaveSpoken(edge, token)) return undefined;
  return { cseq: blindCseq(cseq(request).number + token.cseqOffset) };
}

/** Whether requests of the switch's own may have taken numbers in both dialogs. */
export function mayHaveSpoken(
  { clock }: Pick<EdgeResources, 'clock'>,
  { terms }: DialogToken,
): boolean {
  return terms.speaksFromS !== 0 && clock.now() >= terms.speaksFromS * 1000;
}

/** What the callee counts from is known to nobody: the first request of the switch towards the caller goes on behind it. */
function note(
  { logger, sessions }: Pick<EdgeResources, 'logger' | 'sessions'>,
  request: SipRequest,
  token: DialogToken,
): void {
  if (token.terms.speaksFromS === 0 || token.holder !== 'b' || unnoted.has(request.method)) return;
  sessions.number(token.callId, 'a', cseq(request).number).catch((error: unknown) => {
    logger.debug({ err: error, callId: token.callId }, 'number not noted');
  });
}

async function placed(
  { logger, sessions }: Pick<EdgeResources, 'logger' | 'sessions'>,
  request: SipRequest,
  { token, isCounting }: { readonly token: DialogToken; readonly isCounting: boolean },
): Promise<PlacedRequest | undefined> {
  const { callId, cseqOffset } = token;
  const side = token.holder === 'a' ? 'b' : 'a';
  const own = cseq(request).number + cseqOffset;
  const named = request.method === 'PRACK' ? rackNumber(request) : undefined;
  const rack = named === undefined ? undefined : named + cseqOffset;
  try {
    return await sessions.place({ callId, side, cseq: own, rack, isCounting });
  } catch (error) {
    logger.warn({ err: error, callId }, 'number not at hand');
    return { cseq: request.method === 'BYE' ? blindCseq(own) : own };
  }
}
