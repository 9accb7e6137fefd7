import { z } from 'zod';
import { messageSchemas } from '../messages/schemas.ts';
import { time } from '../times.ts';

const trace = z.object({
  id: z.string(),
  about: z.string().describe('What is traced, such as "gateway carrier".'),
  addresses: z.array(z.string()).describe('Peers whose messages belong to it.'),
  users: z.array(z.string()).describe('Users and numbers whose messages belong to it.'),
  created: time,
  createdBy: z.string(),
  until: time.describe('When it ends by itself.'),
  ended: time.describe('Null while it goes on.'),
  messages: z.int(),
  most: z.int().describe('With so many messages it ends.'),
});

const request = z.strictObject({
  address: z.string().max(64).optional().describe('An IP address, or a CIDR block.'),
  gateway: z.string().max(128).optional().describe('Name of a mapping or routing gateway.'),
  phone: z.string().max(128).optional().describe('Username of a phone.'),
  number: z.string().max(64).optional().describe('A number that calls or is called.'),
  seconds: z.int().min(1).max(86_400).default(300).describe('How long.'),
});

/** The named shapes of this resource. */
export const traceSchemas = {
  Trace: trace,
  TraceList: z.object({ traces: z.array(trace) }),
  TraceRequest: request,
  TraceMessages: z.object({
    trace,
    messages: z.array(messageSchemas.SipMessage).describe('In the order in which they came.'),
    next: z.string().describe('Give it as after to read on.'),
  }),
};

export type TraceView = z.output<typeof trace>;
export type TraceRequest = z.output<typeof request>;
