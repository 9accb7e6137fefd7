import { encodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import type { MediaFigures } from '@tandem/proto/media';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { StoredCall } from '../ports.ts';

/** A call whose dialogs end: a token of either side. */
export type EndingDialog = Pick<DialogToken, 'callId' | 'terms'>;

/** The media of calls that end: its figures go into their last event, and the relay forgets it. */
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
      const fields = fieldsOf(figures);
      // Encodings behind each other are their merge.
      return fields === undefined
        ? ending
        : { ...ending, bytes: Buffer.concat([ending.bytes, fields]) };
    });
  }

  /**
   * Has relays forget the media of a call whose end is stored, in this turn. @returns what they had counted, as fields of its last event:
   * undefined where none tells, which shows within 600 ms; undefined at once where media is not anchored. Never rejects.
   */
  end({ callId, terms: { media: terms } }: EndingDialog): Promise<Buffer | undefined> | undefined {
    const { media } = this.#edge;
    if (media === undefined || terms === undefined) return undefined;
    return media.end({ callId, terms }).then(fieldsOf);
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

/** Figures as fields of an event. */
function fieldsOf(figures: MediaFigures | undefined): Buffer | undefined {
  if (figures === undefined) return undefined;
  return encodeCallEvent(CallEvent.fromPartial({ media: figures }));
}
