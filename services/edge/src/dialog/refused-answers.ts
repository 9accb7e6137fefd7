import { cseq, serialize } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { RelayedHop } from '../core/dialog/dialog-branch.ts';
import { dialogRefusal } from '../core/messages/dialog-response.ts';
import { descriptionFault } from '../core/media/description-fault.ts';
import type { RequestAnswer } from '../core/messages/caller-response.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { EdgeResources } from '../edge-resources.ts';

/**
 * A 2xx whose description cannot be anchored: its request has failed, and the session stays as it was (RFC 3261 §14.1). The
 * ACK of the refusal of a re-INVITE reaches whoever answered as that of its 2xx.
 */
export function refuseAnswer(
  { local, transport }: Pick<EdgeResources, 'local' | 'transport'>,
  response: SipResponse,
  hop: RelayedHop,
): void {
  // What is provisional says so again in the end.
  if (response.status < 200) return;
  const { method } = cseq(response);
  const parts = { hop, local: nameTowards(local, hop.source), method };
  transport.send(serialize(dialogRefusal('DescriptionInvalid', parts)), hop.source);
}

/** What a request gets whose body does not pass. */
export function stuckRequest(error: unknown): RequestAnswer {
  return { answer: descriptionFault(error) === undefined ? 'Unavailable' : 'DescriptionInvalid' };
}
