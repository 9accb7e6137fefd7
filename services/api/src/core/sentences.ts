import type { Decision } from '@tandem/proto/decision';
import type { Attempt } from '@tandem/proto/events';
import { FactReader, readableSubject } from './fact-reader.ts';
import { isTold, tellings } from './reasons.ts';

type Sentence = (facts: FactReader) => string;

/** What was decided where nothing went wrong, by `check` and `result`. */
const GOOD: Readonly<Record<string, Sentence>> = {
  'source-address passed': (f) =>
    `${f.who('The origin')} is known by its address${f.when(['source'], (v) => ` ${v}`)}${f.when(['mode'], (v) => ` (mode ${v})`)}.`,
  'digest passed': (f) =>
    `${f.who('The origin')} proved its password${f.when(['algorithm'], (v) => ` by ${v}`)}${f.when(['realm'], (v) => ` in realm ${v}`)}.`,
  'digest challenged': (f) =>
    `${f.who('The origin')} was challenged${f.when(['code'], (v) => ` with ${v}`)}${f.when(['cause'], (v) => `: ${v}`)}.`,
  'authentication-mode passed': (f) =>
    `${f.who('The origin')} authenticates by ${f.get('mode') ?? 'its mode'}.`,
  'suspension passed': (f) => `${f.who('The terminal')} is not suspended.`,
  // "callee 882123 was dialled as %38%38%32123".
  'number passed': (f) =>
    `${f.who('The number')} was ${f.subject.startsWith('caller') ? 'given' : 'dialled'} as ${f.get('received') ?? 'something else'}.`,
  'number skipped': (f) =>
    `${f.who('The caller')} was left out${f.when(['cause'], (v) => `: ${v}`)}; the call goes on without a caller's number.`,
  'account-status passed': (f) => `${f.who('The account')} is active.`,
  'validity passed': (f) =>
    `${f.who('The account')} is valid${f.when(['valid-until', 'validUntil'], (v) => ` until ${v}`)}.`,
  'balance passed': (f) =>
    `${f.who('The account')} has ${f.get('balance') ?? 'enough'}${f.when(['overdraft'], (v) => ` and an overdraft of ${v}`)}.`,
  'rate passed': (f) =>
    `The price for ${f.who('the account')} is ${f.get('price', 'price-per-minute') ?? 'that of its rate'}.`,
  'lines passed': (f) =>
    `A line of ${f.who('the origin')} was taken${f.when(['in-use'], (v) => `, ${v} in use`)}${f.when(['limit'], (v) => `, limit ${v}`)}.`,
  'candidate chosen': (f) => `${f.who('The gateway')} was chosen${standing(f)}${order(f)}.`,
  'candidate passed': (f) => `${f.who('The gateway')} may be used${standing(f)}.`,
  // A call outlives its pod: another one took it over (edge.md §5).
  'adoption passed': (f) =>
    `${f.who('Another edge')} took the call over${f.when(['from'], (v) => ` from ${v}`)}${f.when(['cause'], adoptionCause)}.`,
  'digest answered': (f) => `The challenge of ${f.who('the gateway')} was answered.`,
};

/** Why a gateway was left out, in words; undefined where the facts are of another kind. */
export function skipCause(decision: Decision): string | undefined {
  const f = new FactReader(decision);
  const longest = f.get('longest-prefix');
  const account = f.get('account');
  if (longest !== undefined) {
    return `its prefix ${f.get('prefix') ?? ''} is not the longest that matches, ${longest} is (prefixMode expiration)`;
  }
  if (f.get('lock') !== undefined) return `it is locked (lock: ${f.get('lock') ?? ''})`;
  if (f.get('limit') !== undefined) {
    const whose = readableSubject(f.get('limit-of') ?? decision.subject);
    return `the line limit ${f.get('limit') ?? ''} of ${whose} is reached${f.when(['holders'], (v) => ` by ${v}`)}`;
  }
  if (account !== undefined) {
    return `its vendor ${account} is ${f.when(['status'], (v) => v) || `valid until ${f.get('valid-until') ?? 'an earlier date'}`}`;
  }
  return f.get('cause', 'why');
}

/** A decision as one sentence with the values that decided. */
export function sentenceOf(decision: Decision): string {
  const facts = new FactReader(decision);
  const good = GOOD[`${decision.check} ${decision.result}`];
  if (good !== undefined) return capital(good(facts));
  if (decision.result === 'skipped') return capital(skipped(decision, facts));
  if (isTold(decision.reason)) {
    return capital(`${tellings[decision.reason].why(facts)}.`);
  }
  return capital(plainSentence(decision, facts));
}

/** An attempt at one gateway as one sentence. */
export function sentenceOfAttempt(attempt: Attempt): string {
  const where = `${attempt.gateway}${attempt.address === '' ? '' : ` at ${attempt.address}`}`;
  const lasted =
    attempt.endedMs === 0
      ? ''
      : ` after ${String(Math.round((attempt.endedMs - attempt.startedMs) / 100) / 10)} s`;
  if (attempt.reason === '') {
    return attempt.code >= 200 && attempt.code < 300
      ? `${where} answered.`
      : `${where} is being tried.`;
  }
  const text = attempt.text === '' ? '' : ` (${attempt.text})`;
  return `${where} failed${lasted} with ${String(attempt.code)} ${attempt.reason}${text}.`;
}

function skipped(decision: Decision, facts: FactReader): string {
  const cause =
    skipCause(decision) ?? `${decision.reason || 'no cause given'}${valuesOf(decision)}`;
  return `${facts.who('The gateway')} was left out: ${cause}.`;
}

function adoptionCause(cause: string): string {
  if (cause === 'offer') return ', which was being shut down and offered it';
  return cause === 'sweep'
    ? ', which had gone; a sweep found it'
    : ', which had gone when a message of the call came';
}

function standing(f: FactReader): string {
  const prefix = f.when(['prefix'], (v) => ` for prefix ${v}`);
  return `${prefix}${f.when(['priority'], (v) => `, priority ${v}`)}${f.when(['cost'], (v) => `, cost ${v}`)}`;
}

function order(f: FactReader): string {
  const names = f.get('candidates')?.split(' ') ?? [];
  return names.length > 1 ? `; the order is ${names.join(', ')}` : '';
}

/** For a check that a newer service makes: its own words and all its values. */
function plainSentence(decision: Decision, facts: FactReader): string {
  const check = decision.check.replaceAll('-', ' ');
  const reason = decision.reason === '' ? '' : ` (${decision.reason})`;
  return `${facts.who(decision.service)}: ${check} ${decision.result}${reason}${valuesOf(decision)}.`;
}

function valuesOf(decision: Decision): string {
  const shown = decision.facts.filter(({ value }) => value !== '');
  return shown.length === 0
    ? ''
    : `; ${shown.map(({ name, value }) => `${name} ${value}`).join(', ')}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
