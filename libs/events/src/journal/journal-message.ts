import { encoded } from '@tandem/proto/encoded';
import { JournalMessage } from '@tandem/proto/journal';

export type { JournalMessage } from '@tandem/proto/journal';

/** The topic of the journal. Its messages need no order. */
export const journalTopic = 'tandem.journal.v1';

/** A message as it goes into the log. */
export interface EncodedJournalMessage {
  readonly key: string;
  readonly bytes: Buffer;
}

export function encodeJournalMessage(
  key: string,
  content: NonNullable<JournalMessage['content']>,
): EncodedJournalMessage {
  return { key, bytes: encoded(JournalMessage, { content }) };
}

/** @throws Error where the bytes are no message of the journal, or one without what duplicates are known by */
export function decodeJournalMessage(bytes: Buffer): JournalMessage {
  const message = JournalMessage.decode(bytes);
  const { content } = message;
  const isWhole =
    content?.$case === 'entry'
      ? content.value.id !== '' && content.value.firstMs > 0
      : content !== undefined && content.value.writer !== '' && content.value.startMs > 0;
  if (!isWhole) throw new Error('no entry or tally of the journal');
  return message;
}
