import { z } from 'zod';
import { networkFinding } from '../network-tests/schemas.ts';
import { role } from '../pods/schemas.ts';
import { time } from '../times.ts';

const status = z.object({
  edge: z.string().describe('Name of the pod that answered.'),
  slot: z.int(),
  epoch: z.int(),
  role,
  isDraining: z.boolean(),
  advertised: z.string().describe('Where peers reach it, as host:port.'),
  pendingCalls: z.int().describe('Calls of this pod that have no final answer yet.'),
  calls: z.int().describe('Calls in progress on all pods.'),
  outbox: z.int().describe('Call events that are not yet known to be in the log, of all pods.'),
  outboxSince: time.describe('When the oldest of them was stored; null where none waits.'),
  received: z.int().describe('Messages. Like all that follow: of this pod, since it began.'),
  sent: z.int(),
  malformed: z.int().describe('Messages with a mistake in them.'),
  garbage: z.int().describe('Datagrams that were no SIP.'),
  dropped: z.int().describe('Messages dropped or refused as malformed.'),
  connections: z.int().describe('Open TCP connections of peers, now.'),
  adoptions: z.int().describe('Calls taken over from pods that died or drained.'),
  lostCalls: z.int().describe('Calls that another pod took over while this one was paused.'),
  handedMessages: z.int().describe('Messages given to the pod that has their call.'),
  handedCalls: z.int().describe('Calls given away while draining.'),
  drains: z.int(),
  lostSlots: z.int().describe('Times that its lease ran out while it lived.'),
  leasesFreed: z.int().describe('Leases of lines without a call, freed.'),
  unstoredEvents: z.int().describe('Events that went to the log without the store.'),
  network: z.array(networkFinding).describe('What the last test of the network found.'),
});

/** The named shapes of this resource. */
export const statusSchemas = {
  Status: status,
};

export type StatusView = z.output<typeof status>;
