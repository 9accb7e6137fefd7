import type { SipResponse } from '@tandem/sip';
import { answerToAnchor } from '../core/call/call-bodies.ts';
import type { Call } from '../core/call/call-state.ts';
import type { CallInput } from '../core/call/call-steps.ts';
import { descriptionFault, messageOf } from '../core/media/description-fault.ts';
import type { PeerMessage } from '../core/network/peer-message.ts';
import type { PassingBody } from '../ports.ts';
import { messageIn } from './messages-in-hand.ts';

/** An answer whose body has to pass first. */
interface AnswerDue {
  readonly passing: PassingBody;
  /** For the pod that has the call meanwhile, should that be another one. */
  readonly message: PeerMessage;
  readonly passed: (bytes: Buffer) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The 2xx that answers a call whose media is anchored. It is no answer before a relay has taken what it describes: the caller
 * could not be told, and should not pay.
 */
export class AnchoredAnswer {
  #response: SipResponse | undefined;
  #bytes: Buffer | undefined;

  /**
   * What has to be done before the call hears of `input`; undefined where nothing has.
   * @param step takes what the call hears of then
   */
  due(call: Call, input: CallInput, step: (input: CallInput) => void): AnswerDue | undefined {
    if (input.kind !== 'response' || input.response === this.#response) return undefined;
    const passing = answerToAnchor(call, input);
    if (passing === undefined) return undefined;
    const { response, sequence } = input;
    return {
      passing,
      message: messageIn(call, input),
      passed: (bytes) => {
        this.#response = response;
        this.#bytes = bytes;
        step(input);
      },
      failed: (error) => {
        step(stuck(sequence, response, error));
      },
    };
  }

  /** What the caller gets as the description of this response, where that has passed. */
  bytesOf(response: SipResponse): Buffer | undefined {
    return response === this.#response ? this.#bytes : undefined;
  }
}

/** A response whose body does not pass. */
export function stuck(sequence: number, response: SipResponse, error: unknown): CallInput {
  const isCarriersFault = descriptionFault(error) !== undefined;
  const failure = messageOf(error);
  return { kind: 'response-stuck', sequence, response, failure, isCarriersFault };
}
