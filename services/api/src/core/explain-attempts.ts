import { readDecision } from '@tandem/domain';
import type { DecisionKind, DecisionRecord } from '@tandem/domain';
import type { Attempt, CallEvent } from '@tandem/proto/events';
import { calledBy, recordedWording, said } from './wordings/index.ts';

/** So many attempts are told of besides the one that decided, and so many gateways that were not tried. */
const MOST = 3;

/** What became of the other attempts; '' where there was one. @param deciding what is told already; undefined: the last one is */
export function otherAttempts(
  { attempts, decisions }: CallEvent,
  deciding: DecisionRecord | undefined,
): string {
  if (attempts.length < 2) return '';
  const count = String(attempts.length);
  if (attempts.some(({ contact }) => contact !== undefined)) return ` (${count} devices called)`;
  const failed = decisions.filter(({ result }) => result === 'failed');
  const told = new Set<DecisionRecord>();
  const others = attempts.flatMap((attempt, at) => {
    const subject = `routing-gateway ${attempt.gateway}`;
    const record = failed.find((each) => each.subject === subject && !told.has(each));
    if (record !== undefined) told.add(record);
    const isTold = deciding === undefined ? at === attempts.length - 1 : record === deciding;
    return isTold || attempt.reason === '' ? [] : [becameOf(attempt, record)];
  });
  const besides = others.length === 0 ? '' : `; besides, ${others.slice(-MOST).join('; ')}`;
  return ` (${count} attempts${besides})`;
}

function becameOf(attempt: Attempt, record: DecisionRecord | undefined): string {
  const wording = record && recordedWording(record);
  if (wording?.kind === 'trouble') return wording.why;
  return `${calledBy(attempt)} failed with ${said(attempt)}`;
}

/** Gateways that were passed over for what may end, or can be changed, while another one was tried and failed. */
export function notTried({ attempts, decisions }: CallEvent): {
  readonly text: string;
  readonly changes: readonly string[];
} {
  if (attempts.length === 0) return { text: '', changes: [] };
  const out = decisions.flatMap((record) => {
    const kind = readDecision(record)?.kind;
    const wording = kind === undefined || byDesign.has(kind) ? undefined : recordedWording(record);
    return wording?.kind === 'left-out' ? [wording] : [];
  });
  const first = out.slice(0, MOST);
  const text = first.map(({ cause, gateway }) => `${nameOf(gateway)} was not tried, because ${cause}`); // prettier-ignore
  return {
    text: text.map((each) => `; ${each}`).join(''),
    changes: [...new Set(first.map(({ change }) => change))],
  };
}

/** Whoever has set these does not want the gateway to be tried. */
const byDesign: ReadonlySet<DecisionKind> = new Set([
  'gateway-not-for-caller',
  'gateway-for-longest-prefix',
  'gateway-not-trusted',
  'gateway-not-secure',
  'gateway-number-barred',
  'profit-too-low',
  'cost-too-high',
]);

function nameOf(subject: string): string {
  return subject.slice(subject.indexOf(' ') + 1);
}
