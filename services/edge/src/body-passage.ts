import type { Barrier } from './barrier.ts';
import { asReceived } from './core/messages/passing-body.ts';
import type { AnchoredBody, BodyStep, PassingBody } from './ports.ts';

/** What becomes of a message whose body has been through the step. */
export interface OnPassed {
  /** @param relay the media relay that has taken it; 0 = none */
  passed(bytes: Buffer, relay: number): void;
  /** The step has failed: the message may not go on, with whatever body. */
  failed(error: unknown): void;
}

/**
 * Takes the bodies of all messages from one leg to the other through the body step, in the order of the messages: while one
 * waits for its body, those of the same call that come later wait behind it, with a body or without.
 */
export class BodyPassage {
  readonly #step: BodyStep;
  readonly #barrier: Barrier;
  /** By call id: the last of those that wait. */
  readonly #waiting = new Map<string, Promise<void>>();

  constructor({
    bodyStep = asReceived,
    barrier,
  }: {
    bodyStep?: BodyStep | undefined;
    barrier: Barrier;
  }) {
    this.#step = bodyStep;
    this.#barrier = barrier;
  }

  /** The body of an INVITE to a carrier: nothing of its dialog can overtake it. */
  invite(passing: PassingBody, on: OnPassed): void {
    const bytes = this.#through(passing);
    if (Buffer.isBuffer(bytes)) on.passed(bytes, 0);
    else void this.#say(passing.callId, bytes, on);
  }

  /** Any other body. @returns whether it has passed already: nothing of the call waits */
  pass(passing: PassingBody, on: OnPassed): boolean {
    const { callId } = passing;
    const before = this.#waiting.get(callId);
    const bytes =
      before === undefined
        ? this.#through(passing)
        : before.then(async () => anchoredBody(await this.#through(passing)));
    if (Buffer.isBuffer(bytes)) {
      on.passed(bytes, 0);
      return true;
    }
    const said = this.#say(callId, bytes, on).then(() => {
      if (this.#waiting.get(callId) === said) this.#waiting.delete(callId);
    });
    this.#waiting.set(callId, said);
    return false;
  }

  #through(passing: PassingBody): Buffer | Promise<AnchoredBody> {
    if (passing.bytes.length === 0) return passing.bytes;
    try {
      return this.#step.pass(passing);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Never rejects. */
  async #say(callId: string, body: Promise<AnchoredBody>, on: OnPassed): Promise<void> {
    let bytes: Buffer;
    let relay: number;
    try {
      ({ bytes, relay } = await body);
    } catch (error) {
      this.#barrier.run(on.failed.bind(on, error), { callId }, 'continuation');
      return;
    }
    this.#barrier.run(on.passed.bind(on, bytes, relay), { callId }, 'continuation');
  }
}

function anchoredBody(passed: Buffer | AnchoredBody): AnchoredBody {
  return Buffer.isBuffer(passed) ? { bytes: passed, relay: 0 } : passed;
}
