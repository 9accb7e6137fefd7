import { Metadata } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { StreamSession } from './grpc-methods.ts';

/** A message of a batched stream: items of several requests. */
export interface Batch<Item> {
  items: Item[];
}

/** How the items of one stream are answered. */
export interface BatchHandlers<Item, Reply> {
  /** Decides one item; `id` of the reply is filled in here. */
  readonly handle: (item: Item) => Promise<Reply>;
  /** The reply for an item whose handling failed. */
  readonly toError: (message: string, error: unknown) => Reply;
}

/**
 * Serves one batched stream: the items of each received message are decided concurrently, and the replies
 * that are ready before the event loop goes on leave in one message.
 */
export function serveBatchStream<Item extends { id: number }, Reply extends { id: number }>(
  call: ServerDuplexStream<Batch<Item>, Batch<Reply>>,
  { handle, toError }: BatchHandlers<Item, Reply>,
): StreamSession {
  let replies: Reply[] = [];
  let underWay = 0;
  let isEnding = false;
  let isOver = false;

  const flush = (): void => {
    const items = replies;
    replies = [];
    if (isOver) return;
    if (items.length > 0) call.write({ items });
    if (isEnding && underWay === 0) {
      isOver = true;
      call.end();
    }
  };
  const answer = (id: number, reply: Reply): void => {
    reply.id = id;
    underWay--;
    // After what else the same bytes of a store have settled, and before HTTP/2 writes at the end of the turn.
    if (replies.push(reply) === 1) process.nextTick(flush);
  };
  const take = (item: Item): void => {
    const { id } = item;
    underWay++;
    handle(item).then(
      (reply) => {
        answer(id, reply);
      },
      (error: unknown) => {
        answer(id, toError(error instanceof Error ? error.message : 'failed', error));
      },
    );
  };
  const end = (): void => {
    isEnding = true;
    setImmediate(flush);
  };
  const abandon = (): void => {
    isOver = true;
  };

  call.on('data', (batch: Batch<Item>) => {
    // Items that arrive while the stream is being ended stay unanswered: the caller asks elsewhere.
    if (isEnding) return;
    for (const item of batch.items) take(item);
  });
  call.on('end', end);
  call.on('cancelled', abandon);
  call.on('error', abandon);
  // The headers tell the caller at once that somebody is there.
  call.sendMetadata(new Metadata());
  return { close: end };
}
