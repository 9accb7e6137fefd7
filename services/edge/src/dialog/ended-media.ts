import { encodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { StoredCall } from '../ports.ts';

/** A call whose dialogs end: a token of either side. */
export type EndingDialog = Pick<DialogToken, 'callId' | 'terms'>;

/** The media of calls that end: its figures go into their last event, then the relay may forget it. */
export class EndedMedia {
  readonly #edge: Pick<EdgeResources, 'barrier' | 'media' | 'store'>;

  constructor(edge: Pick<EdgeResources, 'barrier' | 'media' | 'store'>) {
    this.#edge = edge;
  }

  /**
   * The event of an end with what the relay has counted; as it is where media is not anchored, in the same turn. Never rejects,
   * and takes 200 ms at most.
   */
  withFigures(
    ending: CallEventMessage,
    { callId, terms: { media: terms } }: EndingDialog,
  ): CallEventMessage | Promise<CallEventMessage> {
    const { media } = this.#edge;
    if (media === undefined || terms === undefined) return ending;
    return media.figures({ callId, terms }).then((figures) => {
      if (figures === undefined) return ending;
      // Encodings behind each other are their merge.
      const rest = encodeCallEvent(CallEvent.fromPartial({ media: figures }));
      return { ...ending, bytes: Buffer.concat([ending.bytes, rest]) };
    });
  }

  /** An offer has crossed the BYE, and was refused: the relay has taken the call up anew, and nobody will end it any more. */
  releaseEnded(dialog: EndingDialog): void {
    if (dialog.terms.media === undefined) return;
    const { barrier, store } = this.#edge;
    const { callId } = dialog;
    const done = (call: StoredCall | undefined): void => {
      if (call === undefined) this.release(dialog);
    };
    // The relay forgets by itself what is silent.
    const failed = (): void => undefined;
    barrier.settled(store.get(callId), { done, failed }, { callId });
  }

  release({ callId, terms: { media: terms } }: EndingDialog): void {
    if (terms !== undefined) this.#edge.media?.release({ callId, terms });
  }
}
