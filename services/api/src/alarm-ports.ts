import type { AlarmSeverity } from '@tandem/config';
import type { AlarmState } from './core/alarms/alarm-state.ts';
import type { KeptSeries, Sample } from './core/alarms/samples.ts';

/** An alarm, as it is or was. */
export interface Alarm {
  readonly id: bigint;
  readonly rule: string;
  /** '' for the switch as a whole. */
  readonly subject: string;
  readonly figure: string;
  readonly severity: AlarmSeverity;
  readonly summary: string;
  readonly note: string;
  readonly isBuiltIn: boolean;
  readonly value: number;
  readonly valueText: string;
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly raisedAt: Date;
  readonly clearedAt: Date | undefined;
  readonly clearedWhy: string;
  readonly acknowledgedAt: Date | undefined;
  readonly acknowledgedBy: string;
  readonly acknowledgedNote: string;
}

/** An alarm that is to be raised. */
export type NewAlarm = Omit<
  Alarm,
  'id' | 'clearedAt' | 'clearedWhy' | 'acknowledgedAt' | 'acknowledgedBy' | 'acknowledgedNote'
>;

export const notificationKinds = ['raised', 'cleared', 'acknowledged', 'test'] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** What a channel is to be told. */
export interface Notification {
  /** Of this notification: the same at each attempt, so that who gets it twice knows. */
  readonly id: string;
  readonly channel: string;
  readonly rule: string;
  readonly kind: NotificationKind;
  readonly alarms: readonly bigint[];
  /** JSON. */
  readonly body: string;
  readonly createdAt: Date;
}

/** One that is to be delivered now. */
export interface ClaimedNotification extends Notification {
  /** This one with it. */
  readonly attempts: number;
}

/** One as it stands in the outbox. */
export interface OutboxNotification extends Notification {
  readonly attempts: number;
  readonly nextAt: Date;
  readonly sentAt: Date | undefined;
  readonly givenUpAt: Date | undefined;
  readonly lastError: string;
}

/** How a channel does. */
export interface ChannelState {
  readonly channel: string;
  readonly waiting: number;
  readonly lastSentAt: Date | undefined;
  readonly lastError: string;
}

/** Who evaluates; the term is new with each that takes over. */
export interface AlarmLease {
  readonly term: bigint;
}

/** What was left by who evaluated before. */
export interface KeptAlarms {
  readonly states: ReadonlyMap<string, readonly AlarmState[]>;
  readonly series: ReadonlyMap<string, KeptSeries>;
}

/** What a round has come to. */
export interface AlarmRound {
  readonly at: Date;
  /** States of the rules that have changed, whole for each of them. */
  readonly states: ReadonlyMap<string, readonly AlarmState[]>;
  readonly raised: readonly NewAlarm[];
  readonly cleared: readonly {
    readonly rule: string;
    readonly subject: string;
    readonly why: string;
    readonly value: number | undefined;
    readonly valueText: string;
  }[];
  /** Of those that stay raised, what has changed. */
  readonly values: readonly {
    readonly rule: string;
    readonly subject: string;
    readonly value: number;
    readonly valueText: string;
  }[];
  readonly samples: ReadonlyMap<
    string,
    { readonly raw: KeptSeries['raw']; readonly sample: Sample }
  >;
  /** How long samples are kept, in ms. */
  readonly keptMs: number;
  /** By rule, why its figure is not known; '' where it is. */
  readonly unknown: ReadonlyMap<string, string>;
}

/** Which alarms; what is '' or 0 does not restrict. */
export interface AlarmQuery {
  readonly state: 'open' | 'acknowledged' | 'unacknowledged' | 'cleared' | 'all';
  readonly rule: string;
  readonly subject: string;
  readonly severity: '' | AlarmSeverity;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
  /** Alarms with a lower id. */
  readonly before: bigint | undefined;
}

/** Makes notifications of alarms, within the transaction that changes them. */
export type Tell = (kind: NotificationKind, alarms: readonly Alarm[]) => readonly Notification[];

/** Alarms, their history and the outbox of what is told of them. All pods share it. */
export interface AlarmStore {
  /** Takes or keeps the lease. @returns undefined where it is another one's */
  lease(holder: string, forMs: number): Promise<AlarmLease | undefined>;
  release(holder: string): Promise<void>;
  load(): Promise<KeptAlarms>;
  /** Stores a round and what is told of it, in one transaction. @returns false where the lease was lost, and nothing is stored */
  store(holder: string, lease: AlarmLease, round: AlarmRound, tell: Tell): Promise<boolean>;

  list(query: AlarmQuery): Promise<Alarm[]>;
  get(id: bigint): Promise<Alarm | undefined>;
  /** Of those that are raised, by severity. */
  counts(): Promise<Readonly<Record<AlarmSeverity, number>>>;
  /** @returns the alarm as it is now; `isNew` false where somebody had acknowledged it before */
  acknowledge(
    id: bigint,
    by: { readonly name: string; readonly note: string; readonly at: Date },
    tell: Tell,
  ): Promise<{ readonly alarm: Alarm; readonly isNew: boolean } | undefined>;
  rounds(): Promise<ReadonlyMap<string, { readonly at: Date; readonly unknown: string }>>;

  notifications(alarm: bigint): Promise<OutboxNotification[]>;
  channels(): Promise<ChannelState[]>;
  /** Takes what is due, for so long. Of one channel and rule the oldest alone: the others come after it. */
  claim(limit: number, forMs: number): Promise<ClaimedNotification[]>;
  /** @param left who did not take it, in words */
  sent(id: string, left: string): Promise<void>;
  failed(id: string, error: string, nextInMs: number): Promise<void>;
  giveUp(id: string, error: string): Promise<void>;
  /** Removes what nobody asks for any more. */
  sweep(now: Date): Promise<void>;
}
