/** The messages of a trace as they come (OPS-03): each request waits at the server for the next ones. */
import { answerOf, api, ApiProblem, type Schemas } from './client.ts';

/** What a trace has told by now. */
export interface TraceState {
  readonly trace: Schemas['Trace'] | undefined;
  readonly messages: readonly Schemas['SipMessage'][];
  readonly error: unknown;
}

const WAIT_SECONDS = 20;
const AGAIN_MS = 2000;

/** Reads until the trace is over and all of it is told, or until it is stopped; not while the window is hidden. */
export function followTrace(id: string, tell: (state: TraceState) => void): () => void {
  const stop = new AbortController();
  let state: TraceState = { trace: undefined, messages: [], error: undefined };
  let after = '';
  const set = (next: Partial<TraceState>): void => {
    if (stop.signal.aborted) return;
    state = { ...state, ...next };
    tell(state);
  };

  async function read(): Promise<boolean> {
    // The first answer comes at once, so that the page has something to show.
    const wait = after === '' ? 0 : WAIT_SECONDS;
    const told = await answerOf(
      api.GET('/api/v1/traces/{id}/messages', {
        params: { path: { id }, query: { after, wait } },
        signal: stop.signal,
      }),
    );
    after = told.next;
    // Frames of several pods come in the order in which they were written, not in that of their messages.
    const messages = [...state.messages, ...told.messages].sort((one, other) =>
      (one.at ?? '').localeCompare(other.at ?? ''),
    );
    set({ trace: told.trace, messages, error: undefined });
    return told.trace.ended === null || told.messages.length > 0;
  }

  async function follow(): Promise<void> {
    let hasMore = true;
    while (hasMore && !stop.signal.aborted) {
      await seen(stop.signal);
      try {
        hasMore = await read();
      } catch (error) {
        set({ error });
        if (error instanceof ApiProblem && error.problem.status < 500) return;
        await pause(AGAIN_MS);
      }
    }
  }
  void follow();
  return () => {
    stop.abort();
  };
}

/** Resolves when the window is looked at, or nobody waits for that any more. */
function seen(signal: AbortSignal): Promise<void> {
  if (!document.hidden || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const options = { once: true, signal };
    document.addEventListener('visibilitychange', () => { resolve(); }, options); // prettier-ignore
    signal.addEventListener('abort', () => { resolve(); }, { once: true }); // prettier-ignore
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
