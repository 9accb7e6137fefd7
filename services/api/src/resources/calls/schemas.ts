import { z } from 'zod';
import { attempt, decision, origin } from '../call-parts/schemas.ts';
import { time } from '../times.ts';

const call = z.object({
  callId: z.string(),
  state: z.string(),
  startedAt: time,
  answeredAt: time,
  caller: z.string(),
  callee: z.string(),
  account: z.string(),
  gateway: z.string(),
  edge: z.string(),
  origin,
  attempts: z.array(attempt),
  decisions: z.array(decision),
});

/** The named shapes of this resource. */
export const callSchemas = {
  Call: call,
  CallEnd: z.object({ callId: z.string(), isEnded: z.literal(true) }),
  CallList: z.object({ calls: z.array(call), total: z.int() }),
};

export type CallView = z.output<typeof call>;
