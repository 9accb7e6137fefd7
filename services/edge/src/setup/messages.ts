import type { RefusalReason } from '@tandem/domain';
import type { Origin } from '@tandem/proto/auth';
import { from, serialize, userOf } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { authenticateRequest } from '../core/call/authenticate-request.ts';
import { reasonOf } from '../core/call/failures.ts';
import { hopOf, sealBranch, sealLowerVias } from '../core/dialog/dialog-branch.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import { refusal } from '../core/messages/caller-response.ts';
import { relayedRequest } from '../core/messages/dialog-request.ts';
import { receivedIdentity } from '../core/messages/identity.ts';
import { passingBody } from '../core/messages/passing-body.ts';
import { messageId, messagePath } from '../core/messages/relayed-message.ts';
import type { MessagePath } from '../core/messages/relayed-message.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { replyAddress, replyModeOf } from '../core/network/reply-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { textMessages } from '../telemetry.ts';
import { challengeStateless } from './stateless-answers.ts';

/** A MESSAGE on its way. */
interface Message {
  readonly request: SipRequest;
  readonly source: PeerAddress;
  /** Where its sender takes answers (CALL-07). */
  readonly replyTo: PeerAddress;
}

/**
 * MESSAGE out of a dialog (RFC 3428): its sender is authenticated, it goes to the first gateway that a call to its number would go
 * to and that a listener of the switch reaches, and nothing is remembered of it. A repetition is asked about and sent again, the same to the byte; the answer comes back by
 * what is sealed in the branch, over any pod. It takes no line and has no CDR.
 */
export class Messages {
  readonly #edge: EdgeResources;

  constructor(edge: EdgeResources) {
    this.#edge = edge;
  }

  take(request: SipRequest, source: PeerAddress): void {
    const message = { request, source, replyTo: source };
    this.#authenticate(message).catch((error: unknown) => {
      this.#edge.logger.warn({ err: error, source: source.address }, 'message not routed');
      this.#refuse(message, { reason: 'ServiceUnavailable' });
    });
  }

  async #authenticate(received: Message): Promise<void> {
    const { request, source } = received;
    const { auth, network } = this.#edge;
    const isSourceHidden = network?.isSourceHidden(source) ?? false;
    const asked = authenticateRequest(request, { source, traceParent: '', isSourceHidden });
    const { outcome, replyAddress: mode } = await auth.authenticate(asked);
    const message = { ...received, replyTo: replyAddress(request, source, replyModeOf(mode)) };
    switch (outcome?.$case) {
      case 'allow':
        await this.#route(message, outcome.value);
        return;
      case 'challenge':
        textMessages.add(1, { outcome: 'challenged' });
        challengeStateless(this.#edge, { invite: request, source, challenge: outcome.value });
        return;
      default:
        this.#refuse(message, { reason: reasonOf(outcome?.value.reason ?? '') });
    }
  }

  async #route(message: Message, origin: Origin): Promise<void> {
    const { request, source } = message;
    const { local, routing } = this.#edge;
    const { outcome } = await routing.route({
      traceParent: '',
      callId: messageId(request),
      origin,
      sourceAddress: source.address,
      caller: userOf(from(request).uri),
      callee: userOf(request.uri),
      takesNoLines: true,
      identity: receivedIdentity(request),
      // Signatures are of calls (RFC 8588).
      verification: undefined,
    });
    if (outcome?.$case !== 'routed') {
      const { reason = '', retryAfterSeconds } = outcome?.value ?? {};
      this.#refuse(message, { reason: reasonOf(reason), retryAfterSeconds });
      return;
    }
    const { candidates, chosen } = outcome.value;
    for (const candidate of candidates.slice(chosen)) {
      const path = messagePath(request, { candidate, source, local });
      if (path === undefined) continue;
      this.#send(message, path);
      return;
    }
    this.#refuse(message, { reason: 'BadGateway' });
  }

  #send(message: Message, { caller, local, token }: MessagePath): void {
    const { request, source, replyTo } = message;
    const { bodies, sealer, transport } = this.#edge;
    // RFC 3261 §8.2.6.2: the answer has a tag, and the same one each time.
    const toHeader = `${request.headers.get('To') ?? ''};tag=${statelessTag(request)}`;
    const hop = { ...hopOf(request, token, source), source: replyTo, toHeader };
    const branch = sealBranch(sealer, hop);
    const lowerBranch = sealLowerVias(sealer, hop);
    bodies.pass(passingBody(request, { callId: token.callId, from: 'a' }), {
      passed: (passedBody) => {
        textMessages.add(1, { outcome: 'relayed' });
        const parts = { request, passedBody, token, branch, lowerBranch, local, caller };
        const relayed = relayedRequest(parts);
        transport.send(serialize(relayed), token.nextHop);
      },
      failed: (error) => {
        this.#edge.logger.warn({ err: error, callId: token.callId }, 'body does not pass');
        this.#refuse(message, { reason: 'ServiceUnavailable' });
      },
    });
  }

  #refuse(
    { request, source, replyTo }: Message,
    refused: { readonly reason: RefusalReason; readonly retryAfterSeconds?: number | undefined },
  ): void {
    const local = nameTowards(this.#edge.local, source);
    textMessages.add(1, { outcome: 'refused' });
    const response = refusal(request, { ...refused, toTag: statelessTag(request), local });
    this.#edge.transport.send(serialize(response), replyTo);
  }
}
