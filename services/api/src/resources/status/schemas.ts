import { z } from 'zod';
import { networkFinding } from '../network-tests/schemas.ts';
import { role } from '../pods/schemas.ts';
import { time } from '../times.ts';

const overload = z.object({
  isShedding: z.boolean().describe('Whether it begins fewer new calls than come.'),
  since: time.describe('Since when it does, or does not any more.'),
  rate: z.int().nullable().describe('New calls a second that it begins; null: all that come.'),
  strangersRate: z
    .int()
    .nullable()
    .describe('Of sources where nobody has proved himself lately; null: all that come.'),
  cause: z
    .string()
    .describe('What limits it, or is nearest to it: loop-delay, queue-delay or set-up-delay.'),
  measuredMs: z.int(),
  limitMs: z.int().describe('SS_OVERLOAD_DELAY or SS_OVERLOAD_SETUP_DELAY.'),
  loopDelayMs: z.int(),
  queueDelayMs: z.int(),
  setUpDelayMs: z.int().describe('How long the oldest call waits that is not decided.'),
  undecided: z.int().describe('Calls that wait for auth, Redis or routing.'),
  refusedByLoad: z.int().describe('INVITEs refused, since this pod began.'),
  refusedByShare: z.int().describe('Of sources that sent more than their share.'),
  shed: z.int().describe('Other messages refused or dropped unread.'),
  sources: z
    .array(
      z.object({
        name: z.string().describe('mapping-gateway NAME, or an address.'),
        isKnown: z.boolean().describe('Somebody there has proved himself lately.'),
        demand: z.number().describe('New calls a second that come from there.'),
        share: z.number().nullable().describe('New calls a second that it may have; null: all.'),
        refused: z.int().describe('Since the overload began.'),
      }),
    )
    .describe('Those that send most new calls.'),
});

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
  overload: overload.nullable().describe('How it is loaded; null where that is not watched.'),
});

/** The named shapes of this resource. */
export const statusSchemas = {
  Status: status,
};

export type StatusView = z.output<typeof status>;
