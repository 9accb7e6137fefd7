import type { CallPlan } from './call-plan.ts';

/** What the caller saw of a call; times in ms since the epoch. */
interface CallerView {
  sipCallId: string;
  /** Each time that the INVITE left, the one with credentials alone where there was a challenge. */
  invitedMs: number[];
  /** First response to that INVITE. */
  heardMs?: number;
  ringingMs?: number;
  answeredMs?: number;
  cancelledMs?: number;
  byeSentMs?: number;
  byeReceivedMs?: number;
  /** The call is over for this end: its BYE was answered, or it answered one, or the INVITE failed. */
  endedMs?: number;
  finalCode?: number;
}

/** What a carrier saw of one INVITE. */
export interface CarrierView {
  readonly gateway: 'carrier-a' | 'carrier-b';
  sipCallId: string;
  invitedMs: number;
  /** First sending of the 200. */
  answeredMs?: number;
  acknowledgedMs?: number;
  cancelledMs?: number;
  byeSentMs?: number;
  byeReceivedMs?: number;
  endedMs?: number;
  /** What it answered. */
  finalCode?: number;
}

/** One call, as both ends saw it. */
export interface CallRecord {
  readonly plan: CallPlan;
  readonly caller: CallerView;
  /** In the order of their INVITEs. */
  readonly carriers: CarrierView[];
  /** Requests in the dialog that were answered 2xx. */
  inCallAnswered: number;
  /** The last moment at which both ends showed that they were there: the answer, or a request that was answered. */
  aliveMs: number;
  /** Messages that an end had to send again. */
  retransmissions: number;
  /** The most often that a single request had to be sent again. */
  worstRetransmission: number;
  /** BYEs of the switch itself to an end that had hung up already: it had not heard, or had forgotten with a pod, that the other's had arrived. */
  needlessByes: number;
  /** Messages that a strict peer would refuse, and what did not go as planned. */
  readonly faults: string[];
}

/** What a load looks like at one moment. */
export interface LoadSnapshot {
  readonly atMs: number;
  readonly placed: number;
  /** Placed and not yet answered, refused or given up. */
  readonly ringing: number;
  /** Answered and not yet over, as the caller sees it. */
  readonly up: number;
  readonly finished: number;
  readonly answered: number;
  readonly faults: number;
  readonly retransmissions: number;
  /** How long these callers stood still while they were to place calls, ms in all: nothing that the switch did not do then is its fault. */
  readonly stoodStillMs: number;
}

/** All that a load saw. */
export interface LoadReport {
  readonly calls: readonly CallRecord[];
  /** Faults of messages that belong to no call that is known. */
  readonly strayFaults: readonly string[];
  readonly snapshot: LoadSnapshot;
}

/** Whether nothing is left to come at either end. */
export function isOver({ caller, carriers }: CallRecord): boolean {
  return caller.endedMs !== undefined && carriers.every(({ endedMs }) => endedMs !== undefined);
}

/** A call that nothing has happened in. */
export function newCallRecord(plan: CallPlan): CallRecord {
  return {
    plan,
    caller: { sipCallId: '', invitedMs: [] },
    carriers: [],
    inCallAnswered: 0,
    aliveMs: 0,
    retransmissions: 0,
    worstRetransmission: 0,
    needlessByes: 0,
    faults: [],
  };
}
