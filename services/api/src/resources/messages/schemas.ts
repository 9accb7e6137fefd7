import { z } from 'zod';
import { time } from '../times.ts';

const message = z.object({
  at: time.describe('UTC with milliseconds, by the clock that all pods share.'),
  direction: z.enum(['received', 'sent']).describe('As the switch sees it.'),
  transport: z.string().describe('udp, tcp, tls, ws or wss.'),
  pod: z.string().describe('The pod or front whose socket it passed.'),
  local: z.string().describe('address:port of the switch.'),
  remote: z.string().describe('address:port of the peer.'),
  summary: z.string().describe('The first line in short: method and URI, or code and reason.'),
  method: z.string().describe('Of a response: of the request that it answers.'),
  code: z.int().describe('0: a request.'),
  callId: z.string(),
  cseq: z.string(),
  times: z.int().describe('2 where it is the second time that the same was said, and so on.'),
  text: z.string().describe('As it was on the wire; secrets are x.'),
});

/** The named shapes of this resource. */
export const messageSchemas = {
  SipMessage: message,
  SipMessageList: z.object({
    callIds: z.array(z.string()).describe('SIP Call-IDs of all legs that were looked for.'),
    messages: z.array(message).describe('The oldest first.'),
    hasMore: z.boolean().describe('There are more than one answer holds: ask by from.'),
    keptSince: time.describe('What is older is gone; null where nothing is kept.'),
  }),
};

export type SipMessageView = z.output<typeof message>;
