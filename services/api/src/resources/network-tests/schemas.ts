import { z } from 'zod';
import { time } from '../times.ts';

export const networkFinding = z.object({
  transport: z.string(),
  target: z.string().describe('The advertised address that was probed.'),
  source: z
    .string()
    .describe("Whether clients' addresses can be seen: preserved, hidden or undecided."),
  leadsHere: z
    .string()
    .describe('Whether the address leads here and answers leave from it: yes, no or undecided.'),
  sentFrom: z.string().describe('Where the probe was sent from; empty where that is unknown.'),
  seenFrom: z.string().describe('What source it was seen to have.'),
  answeredFrom: z.string(),
  answeredBy: z.string().describe('The pod that answered.'),
  text: z.string().describe('What it means.'),
  at: time,
});

const networkTest = z.object({
  edge: z.string().describe('Name of the pod that tested.'),
  findings: z.array(networkFinding),
});

/** The named shapes of this resource. */
export const networkTestSchemas = {
  NetworkFinding: networkFinding,
  NetworkTest: networkTest,
};

export type NetworkFindingView = z.output<typeof networkFinding>;
export type NetworkTestView = z.output<typeof networkTest>;
