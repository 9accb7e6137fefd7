import { setTimeout as sleep } from 'node:timers/promises';
import { parseHostPort } from '@tandem/config';
import type { ReadTraceResponse, Trace } from '@tandem/proto/messages';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { pcapOf } from '../../core/pcap.ts';
import {
  addressSubject,
  gatewaySubject,
  numberSubject,
  phoneSubject,
  singleSubject,
  type GatewayPlaces,
  type TraceSubject,
} from '../../core/trace-subject.ts';
import type { JournalPort, ServicePorts } from '../../ports.ts';
import { journalOf } from '../journal/routes.ts';
import { presentMessages } from '../messages/presentation.ts';
import { PCAP_TYPE, messagesFormat } from '../messages/routes.ts';
import { presentTime } from '../times.ts';
import type { TraceRequest, TraceView } from './schemas.ts';

const params = z.object({ id: z.string().describe('As the list of traces has it.') });
type Params = z.output<typeof params>;

const readQuery = z.object({
  after: z.string().regex(/^\d*$/).default('').describe('next of the page before.'),
  wait: z.int().min(0).max(30).default(0).describe('Seconds that it waits for the first message.'),
  format: messagesFormat.describe('pcap: all of it, as a capture file.'),
});

/** How often it is looked for messages while somebody waits for them. */
const LOOK_MS = 250;

/** OPS-03: messages are watched for a time. */
export function traceRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { ports } = parts;
  app.post<{ Body: TraceRequest }>(
    '/traces',
    {
      schema: {
        ...routeSchema({
          id: 'createTrace',
          tag: 'operation',
          summary: 'Watch the SIP messages of an address, gateway, phone or number for a time',
          body: 'TraceRequest',
          answer: 'Trace',
          errors: [404],
        }),
        description:
          'Over all pods; it ends by itself. To a message that belongs to it belong those of the same dialog, and of the other leg of the call.',
      },
    },
    async (request) => {
      const { seconds, ...asked } = request.body;
      const subject = await subjectOf(parts, asked);
      const { trace } = await journalOf(ports).createTrace({
        about: subject.about,
        addresses: [...subject.addresses],
        users: [...subject.users],
        seconds,
        createdBy: signedIn(request).name,
      });
      if (trace === undefined) throw fail(503, 'unavailable', 'the journal made no trace');
      return presentTrace(trace);
    },
  );

  app.get(
    '/traces',
    {
      schema: routeSchema({
        id: 'listTraces',
        tag: 'operation',
        summary: 'Traces that go on, and those of late, the newest first',
        answer: 'TraceList',
        list: 'traces',
      }),
    },
    async () => {
      const { traces } = await journalOf(ports).listTraces({});
      return { traces: traces.map(presentTrace) };
    },
  );

  app.get<{ Params: Params; Querystring: z.output<typeof readQuery> }>(
    '/traces/:id/messages',
    {
      schema: {
        ...routeSchema({
          id: 'readTrace',
          tag: 'operation',
          summary: 'The messages of a trace, also as they come',
          params,
          query: readQuery,
          answer: 'TraceMessages',
          alsoAs: PCAP_TYPE,
          errors: [404],
        }),
        description:
          'With wait an answer comes with the first message behind after, when the time is over, or when the trace has ended.',
      },
    },
    async ({ params: { id }, query: { after, format, wait } }, reply) => {
      const journal = journalOf(ports);
      if (format === 'pcap') {
        return reply.type(PCAP_TYPE).send(pcapOf((await readAll(journal, id)).messages));
      }
      const found = await readWithin(journal, id, { after: Number(after), waitMs: wait * 1000 });
      const { last, messages, trace } = found;
      return {
        trace: presentTrace(trace),
        messages: presentMessages(messages),
        next: String(last),
      };
    },
  );

  app.delete<{ Params: Params }>(
    '/traces/:id',
    {
      schema: {
        ...routeSchema({
          id: 'endTrace',
          tag: 'operation',
          summary: 'End a trace before its time',
          params,
          answer: 'Trace',
          errors: [404],
        }),
        description: 'What it has can still be read.',
      },
    },
    async ({ params: { id } }) => {
      const { trace } = await journalOf(ports).endTrace({ id });
      if (trace === undefined) throw noSuchTrace(id);
      return presentTrace(trace);
    },
  );
}

async function subjectOf(
  { documents, ports }: RouteParts,
  asked: Omit<TraceRequest, 'seconds'>,
): Promise<TraceSubject> {
  const single = singleSubject(asked);
  if (typeof single === 'string') throw fail(400, 'invalid-request', single);
  const { kind, name } = single;
  if (kind === 'number') return numberSubject(name);
  if (kind === 'address') {
    const subject = addressSubject(name);
    if (typeof subject === 'string') throw fail(400, 'invalid-request', subject);
    return subject;
  }
  const configuration = (await documents.store.current())?.configuration;
  const subject =
    kind === 'phone'
      ? phoneSubject(configuration, name)
      : gatewaySubject(configuration, name, await placesOf(ports, name));
  if (subject !== undefined) return subject;
  throw fail(404, 'not-found', `there is no ${kind} "${name}" in the configuration`);
}

async function placesOf({ routing }: ServicePorts, gateway: string): Promise<GatewayPlaces> {
  const { addresses, isDynamic, isKnown } = await routing.listCheckTargets({ gateway });
  const hosts = addresses.flatMap(({ address }) => {
    const place = parseHostPort(address);
    return typeof place === 'string' ? [] : [place.host];
  });
  return { isKnown, isDynamic, addresses: hosts };
}

type ReadTrace = ReadTraceResponse & { readonly trace: Trace };

async function readWithin(
  journal: JournalPort,
  id: string,
  { after, waitMs }: { readonly after: number; readonly waitMs: number },
): Promise<ReadTrace> {
  const limitMs = Date.now() + waitMs;
  for (;;) {
    const found = await readOnce(journal, id, after);
    const { endedMs, untilMs } = found.trace;
    const isOver = endedMs > 0 || untilMs < Date.now();
    if (found.messages.length > 0 || isOver || Date.now() >= limitMs) return found;
    await sleep(LOOK_MS);
  }
}

async function readAll(journal: JournalPort, id: string): Promise<ReadTrace> {
  let page = await readOnce(journal, id, 0);
  const messages = [...page.messages];
  while (page.messages.length > 0) {
    page = await readOnce(journal, id, page.last);
    messages.push(...page.messages);
  }
  return { ...page, messages: messages.sort((one, other) => one.atMs - other.atMs) };
}

async function readOnce(journal: JournalPort, id: string, after: number): Promise<ReadTrace> {
  const { trace, ...found } = await journal.readTrace({ id, after, limit: 0 });
  if (trace === undefined) throw noSuchTrace(id);
  return { ...found, trace };
}

function presentTrace(trace: Trace): TraceView {
  const { about, addresses, count, createdBy, createdMs, endedMs, id, most, untilMs, users } =
    trace;
  // One that nobody ends is over at its time.
  const overMs = endedMs === 0 && untilMs < Date.now() ? untilMs : endedMs;
  return {
    id,
    about,
    addresses,
    users,
    created: presentTime(createdMs),
    createdBy,
    until: presentTime(untilMs),
    ended: presentTime(overMs),
    messages: count,
    most,
  };
}

function noSuchTrace(id: string): Error {
  return fail(404, 'not-found', `there is no trace "${id}"; tandem trace list has those of late`);
}
