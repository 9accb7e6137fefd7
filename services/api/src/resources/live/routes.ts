import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SESSION_COOKIE } from '../../api/cookies.ts';
import { signedIn } from '../../api/principal.ts';
import { fail, problem, ProblemError } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { EventStream } from '../../live/event-stream.ts';
import { LiveFeeds, type Watching } from '../../live/live-feeds.ts';
import { liveTopicNames, liveTopics, type LiveFilter, type LiveTopicName } from './topics.ts';

/** A browser opens one for each page; programs one for what they show. */
const MOST_OF_ONE = 30;
const SIGN_OF_LIFE_MS = 15_000;

const query = z.object({
  topics: z
    .string()
    .default(liveTopicNames.join(','))
    .describe(`What is watched, with commas: ${liveTopicNames.join(', ')}.`),
  account: z.string().default('').describe('Calls and registrations of this account.'),
  caller: z.string().default('').describe('Calls of this caller.'),
  callee: z.string().default('').describe('Calls to this number.'),
  address: z.string().default('').describe('Calls from this address, without a port.'),
  callId: z.string().default('').describe("This call: Tandem's id, or a SIP Call-ID of it."),
  gateway: z.string().default('').describe('This gateway, and calls over it.'),
  phone: z
    .string()
    .default('')
    .describe('Registrations of this phone, or of all that begin so, such as 10*.'),
  state: z
    .enum(['', 'online', 'offline', 'degraded', 'unchecked'])
    .default('')
    .describe('Gateways in this state alone.'),
  after: z.string().default('').describe('Gateways behind this one, as the list has it.'),
  limit: z.int().min(1).max(1000).default(200).describe('Rows of each topic.'),
});

/** What is going on, told as it changes (OPS-02). */
export function liveRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { operators } = parts;
  const feeds = new LiveFeeds(parts.livePeriodMs);
  const open = new Map<string, number>();
  const streams = new Set<EventStream>();
  // Before it is waited for that connections end: a stream does not end by itself.
  app.addHook('preClose', (done) => {
    feeds.close();
    for (const stream of streams) stream.end({ reason: 'stopping' });
    done();
  });

  app.get<{ Querystring: z.output<typeof query> }>(
    '/live',
    {
      // It would not end.
      exposeHeadRoute: false,
      schema: {
        ...routeSchema({
          id: 'live',
          tag: 'operation',
          summary: 'What is going on, as server-sent events',
          query,
          answerAs: 'text/event-stream',
        }),
        description:
          'One event a topic and second at most, named as the topic, and none while nothing changes. Its data: isWhole, key, rows, removed, total. The first one is whole; later ones have the rows that are new or have changed, and the keys of those that went. `problem` has a problem where a part of the switch is away; `end` tells that the session has ended (session-ended) or the pod stops (stopping). Rows are those of the lists; of calls without attempts and decisions, of registrations without expiresInSeconds. Nothing is asked of the switch for what nobody watches.',
      },
    },
    (request, reply) => {
      const { name, operator } = signedIn(request);
      const { topics, ...filter } = request.query;
      const names = readTopics(topics);
      const held = open.get(name) ?? 0;
      if (held >= MOST_OF_ONE) {
        const detail = `${name} has ${String(held)} event streams open already: close some`;
        throw new ProblemError(problem(429, 'too-many-requests', detail), { 'retry-after': '5' });
      }
      open.set(name, held + 1);
      const watchings: Watching[] = [];
      const stream = new EventStream(() => {
        for (const watching of watchings) watching.refresh();
      });
      streams.add(stream);
      const isIn = admitted(request.headers.authorization, request.cookies[SESSION_COOKIE]);
      const timer = setInterval(() => {
        stream.comment();
        void endWhereOut(stream, operator === undefined ? undefined : isIn);
      }, parts.signOfLifeMs ?? SIGN_OF_LIFE_MS).unref();
      stream.once('close', () => {
        clearInterval(timer);
        streams.delete(stream);
        for (const watching of watchings) watching.stop();
        const left = (open.get(name) ?? 1) - 1;
        if (left === 0) open.delete(name);
        else open.set(name, left);
      });
      for (const topic of names) watchings.push(watch(topic, filter, stream));
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    },
  );

  function watch(topic: LiveTopicName, filter: LiveFilter, stream: EventStream): Watching {
    const { key, read } = liveTopics[topic];
    const source = {
      name: JSON.stringify([topic, filter]),
      key,
      read: () => read(parts, filter),
    };
    return feeds.watch(source, {
      event: (event) => stream.event(topic, event),
      problem: (told) => stream.event('problem', { ...told, topic }),
    });
  }

  /** Asks whether whoever watches may still do so. */
  function admitted(
    authorization: string | undefined,
    cookie: string | undefined,
  ): () => Promise<boolean> {
    const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return async () => {
      if (token !== undefined) return (await operators.signIns.token(token)) !== undefined;
      return cookie !== undefined && (await operators.signIns.isAlive(cookie));
    };
  }
}

async function endWhereOut(
  stream: EventStream,
  isIn: (() => Promise<boolean>) | undefined,
): Promise<void> {
  if (isIn === undefined) return;
  try {
    if (!(await isIn())) stream.end({ reason: 'session-ended' });
  } catch {
    // Who it is cannot be looked up for the moment: it is asked again.
  }
}

/** @throws ProblemError 400 */
function readTopics(text: string): LiveTopicName[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  return names.map((name) => {
    const known = liveTopicNames.find((each) => each === name);
    if (known !== undefined) return known;
    const detail = `topics: there is no "${name}": write some of ${liveTopicNames.join(', ')}, with commas`;
    throw fail(400, 'invalid-request', detail);
  });
}
