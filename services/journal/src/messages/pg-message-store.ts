import type { MessageFrame } from '@tandem/events';
import { readFrame } from '@tandem/events';
import type { KeptMessage } from '@tandem/proto/messages';
import type { Logger, Pool } from '@tandem/service';
import { keptMessage } from './kept-message.ts';
import { callIdIn, headOf, keyOf } from './message-heads.ts';
import { PgMessagePartitions } from './pg-message-partitions.ts';
import { isAboutData, orUnavailable } from './pg-store-faults.ts';
import type { IndexedFrame, MessageFilter, MessageStore } from './ports.ts';

const WRITE = `
WITH kept AS (
  INSERT INTO tandem_journal.message_frame (at, id, last_at, pod, count, records)
  VALUES (to_timestamp($1::float8 / 1000), $2, to_timestamp($3::float8 / 1000), $4, $5, $6)
  ON CONFLICT (at, id) DO NOTHING RETURNING at, id)
INSERT INTO tandem_journal.message_key (at, frame, key)
SELECT kept.at, kept.id, asked.key FROM kept, unnest($7::bigint[]) AS asked(key)`;

const FIND = `
SELECT frame.pod, frame.records FROM (
  SELECT DISTINCT at, frame FROM tandem_journal.message_key
  WHERE key = ANY($1::bigint[])
    AND at >= to_timestamp($2::float8 / 1000) AND at < to_timestamp($3::float8 / 1000)
  ORDER BY at LIMIT $4) AS found
JOIN tandem_journal.message_frame AS frame ON frame.at = found.at AND frame.id = found.frame
ORDER BY frame.at`;

/** A call of days has no more; what is beyond is left out. */
const MOST_FRAMES = 2000;
/** A frame begins no longer than this before its last message. */
const FRAME_MS = 5000;
const FOREVER_MS = 8.64e13;

/** SIP messages in PostgreSQL. @param pool belongs to the caller */
export function createPgMessageStore(pool: Pool, logger: Logger): MessageStore {
  const partitions = new PgMessagePartitions(pool);
  const write = async (indexed: IndexedFrame, isAgain = false): Promise<boolean> => {
    const { frame } = indexed;
    await partitions.ensure(frame.firstMs, frame.firstMs);
    try {
      await pool.query(WRITE, valuesOf(indexed));
      return true;
    } catch (error) {
      if (!isAboutData(error)) throw error;
      // No partition, where another process has dropped it.
      partitions.forget();
      if (!isAgain) return write(indexed, true);
      const { firstMs, id, pod } = frame;
      logger.error({ err: error, id, pod, firstMs }, 'a frame of SIP messages cannot be kept');
      return false;
    }
  };
  return {
    write: (frame) => orUnavailable(write(frame)),
    list: (filter) => orUnavailable(find(pool, filter)),
    keptSinceMs: () => orUnavailable(oldest(pool)),
    prepare: (fromMs, untilMs) => orUnavailable(partitions.ensure(fromMs, untilMs)),
    drop: (beforeMs, mostBytes) => orUnavailable(partitions.drop(beforeMs, mostBytes)),
  };
}

function valuesOf({ callIds, frame }: IndexedFrame): unknown[] {
  const { count, firstMs, id, lastMs, pod, records } = frame;
  const keys = [...callIds].map(keyOf);
  return [firstMs, id, lastMs, pod.replaceAll('\0', ''), count, Buffer.from(records), keys];
}

async function find(
  pool: Pool,
  { callIds, fromMs = 0, untilMs = FOREVER_MS }: MessageFilter,
): Promise<readonly KeptMessage[]> {
  // As heads are read: byte by byte.
  const wanted = new Set(callIds.map((callId) => Buffer.from(callId).toString('latin1')));
  const marks = [...wanted].map((callId) => Buffer.from(callId, 'latin1'));
  const values = [[...wanted].map(keyOf), fromMs - FRAME_MS, untilMs, MOST_FRAMES];
  const { rows } = await pool.query<Pick<MessageFrame, 'pod' | 'records'>>(FIND, values);
  return rows
    .flatMap((frame) =>
      readFrame(frame)
        // A frame has hundreds of messages: most are told apart without being read.
        .filter(({ bytes }) => marks.some((mark) => bytes.includes(mark)))
        .filter(({ bytes }) => wanted.has(callIdIn(headOf(bytes))))
        .map((message) => keptMessage(message, frame.pod)),
    )
    .filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
    .sort((one, other) => one.atMs - other.atMs);
}

async function oldest(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ readonly at: Date }>(
    'SELECT at FROM tandem_journal.message_frame ORDER BY at LIMIT 1',
  );
  return rows[0]?.at.getTime() ?? 0;
}
