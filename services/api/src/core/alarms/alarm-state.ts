import type { AlarmRule } from '@tandem/config';

/** What a figure is for one subject. */
export interface Reading {
  /** '' for the switch as a whole. */
  readonly subject: string;
  readonly value: number;
  /** Of how many calls, attempts or devices it is made; undefined where it is made of none. */
  readonly of?: number | undefined;
  /** Group of a gateway. */
  readonly group?: string | undefined;
  /** The value in words, where a number does not tell it, such as a balance. */
  readonly text?: string | undefined;
}

/** What was read of a figure; `unknown` where whoever knows it does not answer. */
export type FigureReading =
  | { readonly kind: 'known'; readonly readings: readonly Reading[] }
  | { readonly kind: 'unknown'; readonly cause: string };

/** Of one rule and subject: on its way to an alarm, or raised. */
export interface AlarmState {
  readonly subject: string;
  readonly phase: 'pending' | 'raised';
  /** Since when the figure is beyond the threshold, or the alarm raised. */
  readonly sinceMs: number;
  /** Since when a raised one is back; undefined while it is not. */
  readonly backSinceMs: number | undefined;
}

/** What a round changes. */
type AlarmChange =
  | { readonly kind: 'raised'; readonly subject: string; readonly reading: Reading }
  | {
      readonly kind: 'cleared';
      readonly subject: string;
      /** Undefined where there is nothing to judge by any more. */
      readonly reading: Reading | undefined;
      readonly why: 'back' | 'nothing-to-judge-by' | 'rule-changed';
    };

export interface Evaluation {
  readonly states: readonly AlarmState[];
  readonly changes: readonly AlarmChange[];
}

/** A rule raises alarms for so many subjects at most: what ails more of them is one thing. */
const MOST_OF_RULE = 1000;

/**
 * One round of a rule (OPS-11). What is beyond the threshold for `lastingSeconds` is raised; it ends when it has been back, at `clear` or on
 * this side of it, for `endingSeconds`. A subject without a reading, or one that is made of too few, is back. Where the figure is not known
 * everything stays as it is.
 */
export function evaluate(
  rule: AlarmRule,
  reading: FigureReading,
  before: readonly AlarmState[],
  nowMs: number,
): Evaluation {
  if (!rule.enabled) return ended(before);
  if (reading.kind === 'unknown') return { states: before, changes: [] };
  const readings = new Map(
    reading.readings.filter((each) => isOf(rule, each)).map((each) => [each.subject, each]),
  );
  const states: AlarmState[] = [];
  const changes: AlarmChange[] = [];
  for (const state of before) {
    const found = readings.get(state.subject);
    const next =
      state.phase === 'raised'
        ? raisedNext(rule, state, found, nowMs)
        : pendingNext(rule, state, found, nowMs);
    if (next.state !== undefined) states.push(next.state);
    if (next.change !== undefined) changes.push(next.change);
  }
  const known = new Set(before.map(({ subject }) => subject));
  for (const found of readings.values()) {
    if (known.has(found.subject) || states.length >= MOST_OF_RULE) continue;
    if (!isBeyond(rule, found, rule.threshold)) continue;
    const begun: AlarmState = { subject: found.subject, phase: 'pending', sinceMs: nowMs, backSinceMs: undefined }; // prettier-ignore
    const next = pendingNext(rule, begun, found, nowMs);
    if (next.state !== undefined) states.push(next.state);
    if (next.change !== undefined) changes.push(next.change);
  }
  return { states, changes };
}

/** A rule that is gone, or switched off: what it had raised ends. */
export function ended(before: readonly AlarmState[]): Evaluation {
  const raised = before.filter(({ phase }) => phase === 'raised');
  const changes = raised.map(({ subject }): AlarmChange => ({ kind: 'cleared', subject, reading: undefined, why: 'rule-changed' })); // prettier-ignore
  return { states: [], changes };
}

interface Next {
  readonly state: AlarmState | undefined;
  readonly change?: AlarmChange;
}

function pendingNext(
  rule: AlarmRule,
  state: AlarmState,
  found: Reading | undefined,
  nowMs: number,
): Next {
  if (found === undefined || !isBeyond(rule, found, rule.threshold)) return { state: undefined };
  if (nowMs - state.sinceMs < rule.lastingSeconds * 1000) return { state };
  return {
    state: { ...state, phase: 'raised', sinceMs: nowMs },
    change: { kind: 'raised', subject: state.subject, reading: found },
  };
}

function raisedNext(
  rule: AlarmRule,
  state: AlarmState,
  found: Reading | undefined,
  nowMs: number,
): Next {
  if (found !== undefined && isBeyond(rule, found, rule.clear)) {
    return {
      state: state.backSinceMs === undefined ? state : { ...state, backSinceMs: undefined },
    };
  }
  const backSinceMs = state.backSinceMs ?? nowMs;
  if (nowMs - backSinceMs < rule.endingSeconds * 1000) return { state: { ...state, backSinceMs } };
  const why = found === undefined ? 'nothing-to-judge-by' : 'back';
  return {
    state: undefined,
    change: { kind: 'cleared', subject: state.subject, reading: found, why },
  };
}

function isBeyond(rule: AlarmRule, { of, value }: Reading, limit: number): boolean {
  if (of !== undefined && of < rule.least) return false;
  return rule.comparison === 'above' ? value > limit : value < limit;
}

function isOf({ group, subjects }: AlarmRule, reading: Reading): boolean {
  if (subjects.length > 0 && !subjects.includes(reading.subject)) return false;
  return group === undefined || reading.group === group;
}
