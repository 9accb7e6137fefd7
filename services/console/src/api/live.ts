/** Lists as they change, by server-sent events. By fetch and not by EventSource, which could not send an API token. */
import { withEvent, readEvents, type LiveEvent, type LiveList } from '../core/live-list.ts';
import { request, type PlainRequest, type Problem } from './client.ts';
import { sessionEnded } from './session.ts';

/** What is known of the topics that are watched. */
export interface LiveState {
  readonly lists: Readonly<Record<string, LiveList>>;
  /** What the server says of a part that is away, or why nothing comes; undefined while all is well. */
  readonly error: unknown;
}

const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 30_000;

/**
 * Watches topics until it is stopped. A connection that ends is made again, after a second and then ever later; none is there while the
 * window is hidden.
 */
export function watchLive(
  topics: string,
  query: PlainRequest['query'],
  tell: (state: LiveState) => void,
): () => void {
  let state: LiveState = { lists: {}, error: undefined };
  let waitMs = FIRST_WAIT_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let connection: AbortController | undefined;
  const set = (next: Partial<LiveState>): void => {
    state = { ...state, ...next };
    tell(state);
  };

  const connect = (): void => {
    if (document.hidden || connection !== undefined) return;
    clearTimeout(timer);
    const mine = new AbortController();
    connection = mine;
    void readStream(mine.signal)
      .catch((error: unknown) => {
        if (!mine.signal.aborted) set({ error });
      })
      .finally(() => {
        if (mine.signal.aborted) return;
        connection = undefined;
        timer = setTimeout(connect, waitMs);
        waitMs = Math.min(MOST_WAIT_MS, waitMs * 2);
      });
  };
  const disconnect = (): void => {
    clearTimeout(timer);
    connection?.abort();
    connection = undefined;
  };
  const look = (): void => {
    if (document.hidden) disconnect();
    else connect();
  };

  async function readStream(signal: AbortSignal): Promise<void> {
    const answer = await request('/live', { query: { ...query, topics }, signal });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const part = await reader?.read();
      if (part === undefined || part.done || signal.aborted) return;
      const { events, rest } = readEvents(text + part.value);
      text = rest;
      for (const { name, data } of events) take(name, JSON.parse(data));
    }
  }

  function take(name: string, data: unknown): void {
    waitMs = FIRST_WAIT_MS;
    if (name === 'problem') {
      set({ error: new Error((data as Problem).detail) });
      return;
    }
    if (name === 'end') {
      if ((data as { readonly reason: string }).reason === 'session-ended') sessionEnded();
      return;
    }
    const list = withEvent(state.lists[name], data as LiveEvent);
    if (list !== undefined) set({ lists: { ...state.lists, [name]: list }, error: undefined });
  }

  document.addEventListener('visibilitychange', look);
  connect();
  return () => {
    document.removeEventListener('visibilitychange', look);
    disconnect();
  };
}
