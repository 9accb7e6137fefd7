import { randomBytes } from 'node:crypto';
import { SwitchError } from '@tandem/domain';
import type {
  CreateTraceRequest,
  CreateTraceResponse,
  EndTraceRequest,
  EndTraceResponse,
  KeptMessage,
  ListMessagesRequest,
  ListMessagesResponse,
  ListTracesRequest,
  ListTracesResponse,
  ReadTraceRequest,
  ReadTraceResponse,
} from '@tandem/proto/messages';
import type { ActiveTraces } from './active-traces.ts';
import type { MessageStore, TraceStore } from './ports.ts';

/** Answers of one gRPC message: the client takes no more. */
const MOST_BYTES = 3_000_000;
const MOST_MESSAGES = 1000;
const MOST_BATCHES = 50;
/** Each costs what it takes to look at every message. */
const MOST_ACTIVE = 20;
const MOST_TRACED = 10_000;

/** What the journal is asked of SIP messages. */
export interface MessageHandlers {
  /** OPS-09. */
  listMessages(request: ListMessagesRequest): Promise<ListMessagesResponse>;
  /** OPS-03. @throws SwitchError SWITCH_SERVICE_UNAVAILABLE where as many go on as may */
  createTrace(request: CreateTraceRequest): Promise<CreateTraceResponse>;
  listTraces(request: ListTracesRequest): Promise<ListTracesResponse>;
  endTrace(request: EndTraceRequest): Promise<EndTraceResponse>;
  readTrace(request: ReadTraceRequest): Promise<ReadTraceResponse>;
}

export interface MessageHandlersParts {
  readonly store: MessageStore;
  readonly traces: TraceStore;
  readonly active: ActiveTraces;
  readonly now: () => number;
}

export function createMessageHandlers(parts: MessageHandlersParts): MessageHandlers {
  const { active, now, store, traces } = parts;
  return {
    listMessages: async ({ callIds, fromMs, limit, untilMs }) => {
      const [found, keptSinceMs] = await Promise.all([
        store.list({
          callIds,
          fromMs: fromMs === 0 ? undefined : fromMs,
          untilMs: untilMs === 0 ? undefined : untilMs,
        }),
        store.keptSinceMs(),
      ]);
      const most = limit === 0 ? MOST_MESSAGES : Math.min(limit, MOST_MESSAGES);
      const messages = withinSize(found.slice(0, most));
      return { messages, hasMore: messages.length < found.length, keptSinceMs };
    },
    createTrace: async ({ about, addresses, createdBy, seconds, users }) => {
      const createdMs = now();
      const others = await traces.active(createdMs);
      if (others.length >= MOST_ACTIVE) {
        const text = `${String(MOST_ACTIVE)} traces go on, which is the most: end one`;
        throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', text);
      }
      const trace = {
        id: randomBytes(6).toString('hex'),
        about,
        addresses,
        users,
        createdMs,
        createdBy,
        untilMs: createdMs + seconds * 1000,
        endedMs: 0,
        count: 0,
        most: MOST_TRACED,
      };
      await traces.create(trace);
      await active.look();
      return { trace };
    },
    listTraces: async () => ({ traces: [...(await traces.list())] }),
    endTrace: async ({ id }) => {
      const trace = await traces.end(id, now());
      await active.look();
      return { trace };
    },
    readTrace: async ({ after, id, limit }) => {
      const page = { after, limit: Math.min(limit === 0 ? MOST_BATCHES : limit, MOST_BATCHES) };
      const found = await traces.read(id, page);
      if (found === undefined) return { trace: undefined, messages: [], last: 0 };
      return { ...found, messages: [...found.messages] };
    },
  };
}

function withinSize(messages: readonly KeptMessage[]): KeptMessage[] {
  let bytes = 0;
  const kept: KeptMessage[] = [];
  for (const message of messages) {
    bytes += message.bytes.length + 200;
    if (bytes > MOST_BYTES) break;
    kept.push(message);
  }
  return kept;
}
