import { z } from 'zod';
import { time } from '../times.ts';

/** Who a call is from. */
export const origin = z
  .object({ kind: z.string(), name: z.string(), account: z.string() })
  .nullable()
  .describe('Who the call is from; null where that was not found out.');

export const attempt = z.object({
  gateway: z.string(),
  account: z.string(),
  address: z.string(),
  startedAt: time,
  endedAt: time,
  code: z.int(),
  reason: z
    .string()
    .describe('Termination reason; empty where it was answered, or given up since another was.'),
  text: z.string(),
  contact: z
    .string()
    .describe('Where a phone was called at several devices, the contact of this one; else empty.'),
});

export const decision = z.object({
  service: z.string(),
  check: z.string(),
  result: z.string(),
  subject: z.string(),
  reason: z.string(),
  facts: z.record(z.string(), z.string()),
  at: time,
});

export const step = z.object({
  text: z.string().describe('The decision in words.'),
  decision,
});

/** What CDRs, calls, `explain` and `route` are made of. */
export const callPartSchemas = { Attempt: attempt, Decision: decision, Step: step };

export type OriginView = z.output<typeof origin>;
export type AttemptView = z.output<typeof attempt>;
export type DecisionView = z.output<typeof decision>;
export type StepView = z.output<typeof step>;
