import type { Alarm, AlarmQuery, AlarmStore, Notification, OutboxNotification } from '../alarm-ports.ts'; // prettier-ignore
import type { AlarmState } from '../core/alarms/alarm-state.ts';
import type { KeptSeries } from '../core/alarms/samples.ts';

type Kept = OutboxNotification & { readonly claimedUntilMs: number };

/** Alarms in memory, for tests. @param now milliseconds since the epoch */
export function memoryAlarmStore(now: () => number = Date.now): AlarmStore {
  const alarms: Alarm[] = [];
  const states = new Map<string, readonly AlarmState[]>();
  const series = new Map<string, KeptSeries>();
  let rounds = new Map<string, { readonly at: Date; readonly unknown: string }>();
  const outbox: Kept[] = [];
  let held = { holder: '', term: 0n, untilMs: 0 };

  const add = (notifications: readonly Notification[]): void => {
    for (const each of notifications) {
      outbox.push({ ...each, attempts: 0, nextAt: new Date(now()), sentAt: undefined, givenUpAt: undefined, lastError: '', claimedUntilMs: 0 }); // prettier-ignore
    }
  };
  const change = (id: string, changes: Partial<Kept>): void => {
    const at = outbox.findIndex((each) => each.id === id);
    const known = outbox[at];
    if (known !== undefined) outbox[at] = { ...known, ...changes };
  };
  const raisedAt = (rule: string, subject: string): number =>
    alarms.findIndex((each) => each.rule === rule && each.subject === subject && each.clearedAt === undefined); // prettier-ignore
  const alter = (at: number, changes: Partial<Alarm>): Alarm[] => {
    const known = alarms[at];
    if (known === undefined) return [];
    alarms[at] = { ...known, ...changes };
    return [alarms[at]];
  };
  const isWaiting = ({ givenUpAt, sentAt }: Kept): boolean =>
    sentAt === undefined && givenUpAt === undefined;

  return {
    lease: (holder, forMs) => {
      const isFree = held.untilMs <= now();
      if (held.holder !== holder && !isFree) return Promise.resolve(undefined);
      const term = held.holder === holder && !isFree ? held.term : held.term + 1n;
      held = { holder, term, untilMs: now() + forMs };
      return Promise.resolve({ term });
    },
    release: (holder) => {
      if (held.holder === holder) held = { ...held, untilMs: now() };
      return Promise.resolve();
    },
    load: () => Promise.resolve({ states: new Map(states), series: new Map(series) }),
    store: (holder, { term }, round, tell) => {
      const isHeld = held.holder === holder && held.term === term && held.untilMs > now();
      if (!isHeld) return Promise.resolve(false);
      const raised = round.raised
        .filter(({ rule, subject }) => raisedAt(rule, subject) < 0)
        .map((each): Alarm => ({ ...each, id: BigInt(alarms.length + 1), clearedAt: undefined, clearedWhy: '', acknowledgedAt: undefined, acknowledgedBy: '', acknowledgedNote: '' })); // prettier-ignore
      for (const [at, each] of raised.entries()) alarms.push({ ...each, id: each.id + BigInt(at) });
      const added = alarms.slice(alarms.length - raised.length);
      const cleared = round.cleared.flatMap(({ rule, subject, value, valueText, why }) =>
        alter(raisedAt(rule, subject), { clearedAt: round.at, clearedWhy: why, ...(value === undefined ? {} : { value, valueText }) }),
      ); // prettier-ignore
      for (const [kind, some] of [['raised', added], ['cleared', cleared]] as const) {
        for (const of of Map.groupBy(some, ({ rule }) => rule).values()) add(tell(kind, of));
      } // prettier-ignore
      for (const { rule, subject, value, valueText } of round.values) alter(raisedAt(rule, subject), { value, valueText }); // prettier-ignore
      for (const [rule, after] of round.states) states.set(rule, after);
      for (const [name, { raw, sample }] of round.samples) {
        series.set(name, { raw, samples: [...(series.get(name)?.samples ?? []), sample] });
      }
      rounds = new Map([...round.unknown].map(([rule, unknown]) => [rule, { at: round.at, unknown }])); // prettier-ignore
      return Promise.resolve(true);
    },
    list: (query) => Promise.resolve(alarms.filter((each) => isOf(each, query)).toReversed().slice(0, query.limit)), // prettier-ignore
    get: (id) => Promise.resolve(alarms.find((each) => each.id === id)),
    counts: () => {
      const of = (name: string) =>
        alarms.filter(({ clearedAt, severity }) => severity === name && clearedAt === undefined);
      return Promise.resolve({ page: of('page').length, ticket: of('ticket').length });
    },
    acknowledge: (id, by, tell) => {
      const at = alarms.findIndex((each) => each.id === id);
      const known = alarms[at];
      if (known === undefined) return Promise.resolve(undefined);
      if (known.acknowledgedAt !== undefined)
        return Promise.resolve({ alarm: known, isNew: false });
      const [alarm = known] = alter(at, { acknowledgedAt: by.at, acknowledgedBy: by.name, acknowledgedNote: by.note }); // prettier-ignore
      add(tell('acknowledged', [alarm]));
      return Promise.resolve({ alarm, isNew: true });
    },
    rounds: () => Promise.resolve(rounds),
    notifications: (alarm) => Promise.resolve(outbox.filter((each) => each.alarms.includes(alarm))),
    channels: () =>
      Promise.resolve(
        [...Map.groupBy(outbox, ({ channel }) => channel)].map(([channel, all]) => ({
          channel,
          waiting: all.filter(isWaiting).length,
          lastSentAt: all.findLast(({ sentAt }) => sentAt !== undefined)?.sentAt,
          lastError: all.findLast(({ lastError, sentAt }) => sentAt === undefined && lastError !== '')?.lastError ?? '', // prettier-ignore
        })),
      ),
    claim: (limit, forMs) => {
      const isFirst = (each: Kept): boolean =>
        each === outbox.find((other) => isWaiting(other) && other.channel === each.channel && other.rule === each.rule); // prettier-ignore
      const due = outbox.filter((each) => isWaiting(each) && each.nextAt.getTime() <= now() && each.claimedUntilMs <= now() && isFirst(each)); // prettier-ignore
      const claimed = due.slice(0, limit).map((each) => ({ ...each, attempts: each.attempts + 1 }));
      for (const { attempts, id } of claimed) change(id, { attempts, claimedUntilMs: now() + forMs }); // prettier-ignore
      return Promise.resolve(claimed);
    },
    sent: (id, left) => {
      change(id, { sentAt: new Date(now()), lastError: left });
      return Promise.resolve();
    },
    failed: (id, error, nextInMs) => {
      change(id, { lastError: error, nextAt: new Date(now() + nextInMs), claimedUntilMs: 0 });
      return Promise.resolve();
    },
    giveUp: (id, error) => {
      change(id, { lastError: error, givenUpAt: new Date(now()) });
      return Promise.resolve();
    },
    sweep: () => Promise.resolve(),
  };
}

function isOf(alarm: Alarm, query: AlarmQuery): boolean {
  const { acknowledgedAt, clearedAt } = alarm;
  const isOpen = clearedAt === undefined;
  const states: Readonly<Record<AlarmQuery['state'], boolean>> = {
    open: isOpen,
    acknowledged: isOpen && acknowledgedAt !== undefined,
    unacknowledged: isOpen && acknowledgedAt === undefined,
    cleared: !isOpen,
    all: true,
  };
  const raisedMs = alarm.raisedAt.getTime();
  return (
    states[query.state] &&
    (query.rule === '' || alarm.rule === query.rule) &&
    (query.subject === '' || alarm.subject === query.subject) &&
    (query.severity === '' || alarm.severity === query.severity) &&
    (query.fromMs === 0 || raisedMs >= query.fromMs) &&
    (query.untilMs === 0 || raisedMs < query.untilMs) &&
    (query.before === undefined || alarm.id < query.before)
  );
}
