import { ListEntriesRequest } from '@tandem/proto/journal';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { pcapOf } from '../../core/pcap.ts';
import type { ServicePorts } from '../../ports.ts';
import { callParams, type CallParams } from '../call-parts/call-id.ts';
import { journalOf } from '../journal/routes.ts';
import { presentTime, readQueryTime } from '../times.ts';
import { legsOf, type Legs } from './call-legs.ts';
import { presentMessages } from './presentation.ts';

/** What any list of messages is asked by. */
export const messagesFormat = z
  .enum(['json', 'pcap'])
  .default('json')
  .describe('pcap: a capture file for Wireshark and sngrep.');

const query = z.object({
  from: z.string().optional().describe('Not before: a UTC time, a day, or 2h for two hours ago.'),
  until: z.string().optional().describe('Before.'),
  format: messagesFormat,
});
type Query = z.output<typeof query>;

const phoneParams = z.object({ phone: z.string().describe('Username.') });

/** Of a phone's registrations so many attempts are shown. */
const LAST_ATTEMPTS = 20;

export const PCAP_TYPE = 'application/vnd.tcpdump.pcap';

/** OPS-09: the SIP messages of a call, attempt or registration, on all legs and pods. */
export function messageRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Params: CallParams; Querystring: Query }>(
    '/calls/:callId/messages',
    {
      schema: {
        ...routeSchema({
          id: 'listCallMessages',
          tag: 'calls',
          summary: 'The SIP messages of a call, refused request or registration',
          params: callParams,
          query,
          answer: 'SipMessageList',
          alsoAs: PCAP_TYPE,
          errors: [404],
        }),
        description:
          'Both legs, whichever pods they passed, with secrets masked. They are there a second after they passed; docs/messages.md.',
      },
    },
    async ({ params: { callId }, query: asked }, reply) => {
      const answer = await listed(ports, await legsOf(ports, callId), asked, reply);
      if (answer !== undefined) return answer;
      const detail = `no SIP message of ${callId} is kept: messages are there a second after they passed, for TANDEM_MESSAGES_HOURS, as far as TANDEM_MESSAGES_MEGABYTES allow`;
      throw fail(404, 'no-such-messages', detail);
    },
  );

  app.get<{ Params: z.output<typeof phoneParams>; Querystring: Query }>(
    '/registrations/:phone/messages',
    {
      schema: {
        ...routeSchema({
          id: 'listRegistrationMessages',
          tag: 'operation',
          summary: 'The SIP messages of the last registrations of a phone, accepted or not',
          params: phoneParams,
          query,
          answer: 'SipMessageList',
          alsoAs: PCAP_TYPE,
          errors: [404],
        }),
        description: 'Those that the journal has an entry of; refreshes belong to the first one.',
      },
    },
    async ({ params: { phone }, query: asked }, reply) => {
      const { entries } = await journalOf(ports).listEntries(
        ListEntriesRequest.create({
          terminal: phone,
          kind: 'registration',
          limit: LAST_ATTEMPTS,
        }),
      );
      const callIds = [...new Set(entries.flatMap((entry) => entry.callIds))];
      const legs = { callIds, fromMs: 0, untilMs: 0 };
      const answer = callIds.length === 0 ? undefined : await listed(ports, legs, asked, reply);
      if (answer !== undefined) return answer;
      const detail = `no SIP message of a registration of ${phone} is kept: tandem journal --terminal ${phone} lists its attempts`;
      throw fail(404, 'no-such-messages', detail);
    },
  );
}

/** Undefined where there is none. */
async function listed(ports: ServicePorts, legs: Legs, asked: Query, reply: FastifyReply) {
  const { from, format, until } = asked;
  const { callIds } = legs;
  const { hasMore, keptSinceMs, messages } = await journalOf(ports).listMessages({
    callIds: [...callIds],
    fromMs: from === undefined ? legs.fromMs : readQueryTime('from', from),
    untilMs: until === undefined ? legs.untilMs : readQueryTime('until', until),
    limit: 0,
  });
  if (messages.length === 0) return undefined;
  if (format === 'pcap') return reply.type(PCAP_TYPE).send(pcapOf(messages));
  const keptSince = presentTime(keptSinceMs);
  return { callIds, messages: presentMessages(messages), hasMore, keptSince };
}
