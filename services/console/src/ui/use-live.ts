import { useEffect, useState } from 'react';
import { watchLive, type LiveState } from '../api/live.ts';
import type { PlainRequest, Schemas } from '../api/client.ts';
import { LIVE_MS } from './use-answer.ts';

const nothing: LiveState = { lists: {}, error: undefined };

/** What the server tells of topics as they change; another query begins anew. */
export function useLive(topics: string, query: PlainRequest['query'] = {}): LiveState {
  const key = JSON.stringify([topics, query]);
  const [told, setTold] = useState({ key, state: nothing });
  useEffect(() => {
    const [asked, filter] = JSON.parse(key) as [string, PlainRequest['query']];
    return watchLive(asked, filter, (state) => {
      setTold({ key, state });
    });
  }, [key]);
  // What was shown stays until the new one is there.
  return told.state;
}

/** What the rows of each topic are. */
interface LiveRows {
  readonly calls: Schemas['Call'];
  readonly gateways: Schemas['Gateway'];
  readonly pods: Schemas['Pod'];
  readonly status: Schemas['Status'];
}

/** The rows of a topic; undefined until they are told. */
export function rowsOf<Topic extends keyof LiveRows>(
  state: LiveState,
  topic: Topic,
): LiveRows[Topic][] | undefined {
  const list = state.lists[topic];
  return list === undefined ? undefined : ([...list.rows.values()] as unknown as LiveRows[Topic][]);
}

/** Renders again each two seconds while the page is looked at, for what grows older by itself. */
export function useClock(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(new Date());
    }, LIVE_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}
