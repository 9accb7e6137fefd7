import { z } from 'zod';
import { time } from '../times.ts';

/** The role of a pod. */
export const role = z.string().describe('front, worker or both.');

const advertisedAddress = z.object({
  transport: z.string().describe('Such as udp or tls; empty: UDP and TCP.'),
  network: z
    .string()
    .describe('CIDR block of those that are told it; empty: all that no other block holds.'),
  address: z.string().describe('host:port.'),
});

const pod = z.object({
  name: z.string(),
  slot: z.int(),
  epoch: z.int(),
  role,
  address: z
    .string()
    .describe('Where it takes datagrams of other pods; empty where it takes none.'),
  advertised: z.string().describe('Where peers reach it, as host:port.'),
  isDraining: z.boolean(),
  startedAt: time,
  pendingCalls: z
    .int()
    .describe('Calls without a final answer; an answered one belongs to no pod.'),
  calls: z.int().describe('Calls begun. Like all that follow: since this pod began.'),
  answers: z.int(),
  adoptions: z.int().describe('Calls taken over from pods that died or drained.'),
  handedMessages: z.int().describe('Messages given to the pod that has their call.'),
  handedCalls: z.int().describe('Calls given away while draining.'),
  dropped: z.int().describe('Messages dropped or refused as malformed.'),
  connections: z.int().describe('Open connections of peers, now.'),
  lostSlots: z.int().describe('Times that its lease ran out while it lived.'),
  advertisedTo: z
    .array(advertisedAddress)
    .describe('All that its peers are told: those of a network first, else the first that fits.'),
  source: z
    .string()
    .describe('What its network test found: untested, preserved, hidden or undecided.'),
  isShedding: z.boolean().describe('Whether it begins fewer new calls than come, now.'),
  refused: z.int().describe('INVITEs refused by overload.'),
});

/** The named shapes of this resource. */
export const podSchemas = {
  AdvertisedAddress: advertisedAddress,
  Pod: pod,
  PodList: z.object({ pods: z.array(pod) }),
};

export type PodView = z.output<typeof pod>;
