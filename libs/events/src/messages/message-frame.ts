import { zstdDecompressSync } from 'node:zlib';
import { encoded } from '@tandem/proto/encoded';
import { MessageFrame } from '@tandem/proto/messages';
import { readRecords } from './records.ts';
import type { PassedMessage } from './records.ts';

export type { MessageFrame } from '@tandem/proto/messages';

/** The topic of SIP messages. Its frames need no order. */
export const messagesTopic = 'tandem.messages.v1';

/** What the topic keeps: enough for a journal that was away for some hours, bounded by size. */
export const messagesTopicSettings = {
  'retention.ms': String(6 * 3_600_000),
  'retention.bytes': String(256 * 1024 * 1024),
  'segment.bytes': String(32 * 1024 * 1024),
} as const;

/** More than this of records in one frame is no frame of ours. */
const MOST_RECORD_BYTES = 16 * 1024 * 1024;

/** A frame as it goes into the log. */
export interface EncodedMessageFrame {
  readonly key: string;
  readonly bytes: Buffer;
}

export function encodeMessageFrame(frame: MessageFrame): EncodedMessageFrame {
  return { key: frame.pod, bytes: encoded(MessageFrame, frame) };
}

/** @throws Error where the bytes are no frame */
export function decodeMessageFrame(bytes: Buffer): MessageFrame {
  const frame = MessageFrame.decode(bytes);
  if (frame.id === 0 || frame.firstMs <= 0 || frame.records.length === 0) {
    throw new Error('no frame of SIP messages');
  }
  return frame;
}

/** The messages of a frame. @throws Error where they cannot be read */
export function readFrame({ records }: Pick<MessageFrame, 'records'>): PassedMessage[] {
  return readRecords(zstdDecompressSync(records, { maxOutputLength: MOST_RECORD_BYTES }));
}
