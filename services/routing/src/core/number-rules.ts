import type { NumberCondition, NumberRule, NumberRuleSet } from '@tandem/config';
import { bareNumber, numberExpression } from '@tandem/domain';
import type { FactsOf, NumberExpression, NumberList } from '@tandem/domain';
import type { Question } from './plan.ts';

/** The numbers of a call; '' where the caller has none. */
export interface Numbers {
  readonly caller: string;
  readonly callee: string;
}

type Side = keyof Numbers;

/** A rule that a number was changed by. */
export interface RuleStep {
  readonly side: Side;
  readonly rule: RuleInSet;
  readonly before: string;
  /** Where it is `failed`: what it would have been. */
  readonly after: string;
}

/** What rules have made of the numbers. */
export interface Rewritten extends Numbers {
  readonly steps: readonly RuleStep[];
  /** The rule that left no number, or none that can be dialled; no rule for that number came after it. */
  readonly failed: Readonly<Partial<Record<Side, RuleStep>>>;
}

/** A rule, ready to be applied. */
interface RuleInSet {
  readonly set: string;
  /** Begins at 1. */
  readonly position: number;
  /** For people: `strip 1, prepend +44`. */
  readonly action: string;
  readonly terms: NumberRule;
  readonly expression: NumberExpression | undefined;
}

export type RuleSet = readonly RuleInSet[];

/** What conditions are held against, besides the numbers. */
export interface RuleSurroundings {
  readonly origin: Question['origin'];
  /** The routing gateway that the call would go to. */
  readonly gateway?: string | undefined;
  readonly callType: (callee: string) => string;
  /** The numberLists that there are, by name. */
  readonly lists: ReadonlyMap<string, NumberList>;
}

const NUMBER = /^\+?[0-9*#]+$/;
/** Longer ones are nobody's; a bound on what an expression costs, too. */
const LONGEST = 65;

/** @throws where an expression is none: such a document is not applied */
export function ruleSet({ name, rules }: NumberRuleSet): RuleSet {
  return rules.map((terms, index) => ({
    set: name,
    position: index + 1,
    action: actionOf(terms),
    terms,
    expression: expressionOf(terms),
  }));
}

/**
 * Applies sets in their order, and the rules of a set in theirs, each to what the one before has left (ROUTE-10). What is no
 * number of digits, as a name, is left alone.
 */
export function applyRules(
  sets: readonly RuleSet[],
  numbers: Numbers,
  around: RuleSurroundings,
): Rewritten {
  const current: Record<Side, string> = { caller: numbers.caller, callee: numbers.callee };
  const steps: RuleStep[] = [];
  const failed: Partial<Record<Side, RuleStep>> = {};
  for (const set of sets) {
    const over = new Set<Side>();
    for (const rule of set) {
      const side = rule.terms.number;
      const before = current[side];
      if (over.has(side) || failed[side] !== undefined || !isNumber(before)) continue;
      if (!holds(rule.terms, current, around)) continue;
      const after = changed(rule, before);
      if (after === undefined) continue;
      if (rule.terms.last) over.add(side);
      if (after === before) continue;
      const step = { side, rule, before, after };
      if (!isNumber(after)) {
        failed[side] = step;
        continue;
      }
      current[side] = after;
      steps.push(step);
    }
  }
  return { ...current, steps, failed };
}

/** What a rule that failed would have made of a number. */
export function failureFacts({ after, before, rule }: RuleStep): FactsOf<'number-rule-failed'> {
  return { set: rule.set, rule: rule.position, action: rule.action, before, after };
}

function isNumber(text: string): boolean {
  return text.length <= LONGEST && NUMBER.test(text);
}

/** What a rule makes of a number; undefined where it is not for it. */
function changed({ terms, expression }: RuleInSet, number: string): string | undefined {
  if (expression !== undefined) return expression.replace(number);
  const left = stripped(terms, number);
  if (left === undefined) return undefined;
  const { prepend } = terms;
  return prepend === undefined ? left : prepend + bareNumber(left);
}

/** Digits that are taken away take the `+` with them: what is left is no international number. */
function stripped({ strip, stripPrefix }: NumberRule, number: string): string | undefined {
  if (strip !== undefined) return bareNumber(number).slice(strip);
  if (stripPrefix === undefined) return number;
  const text = stripPrefix.startsWith('+') ? number : bareNumber(number);
  return text.startsWith(stripPrefix) ? text.slice(stripPrefix.length) : undefined;
}

function holds({ when }: NumberRule, numbers: Numbers, around: RuleSurroundings): boolean {
  const { origin, gateway } = around;
  if (when.caller !== undefined && !fits(when.caller, numbers.caller, around)) return false;
  if (when.callee !== undefined && !fits(when.callee, numbers.callee, around)) return false;
  if (!isNamed(when.routingGateways, gateway)) return false;
  if (!isNamed(when.accounts, origin.account)) return false;
  const isPhone = origin.kind === 'phone';
  if (!isNamed(when.phones, isPhone ? origin.name : undefined)) return false;
  if (!isNamed(when.mappingGateways, isPhone ? undefined : origin.name)) return false;
  return when.callTypes === undefined || when.callTypes.includes(around.callType(numbers.callee));
}

function isNamed(names: readonly string[] | undefined, name: string | undefined): boolean {
  return names === undefined || (name !== undefined && names.includes(name));
}

function fits(condition: NumberCondition, number: string, { lists }: RuleSurroundings): boolean {
  if (!isNumber(number)) return false;
  const { prefixes, minLength = 0, maxLength = LONGEST, plus, list } = condition;
  const bare = bareNumber(number);
  if (bare.length < minLength || bare.length > maxLength) return false;
  if (plus !== undefined && plus !== number.startsWith('+')) return false;
  if (prefixes?.some((prefix) => bare.startsWith(bareNumber(prefix))) === false) return false;
  return list === undefined || lists.get(list)?.find(number) !== undefined;
}

function expressionOf({ replace }: NumberRule): NumberExpression | undefined {
  if (replace === undefined) return undefined;
  const expression = numberExpression(replace.pattern, replace.by);
  if (typeof expression === 'string') throw new RangeError(expression);
  return expression;
}

function actionOf({ strip, stripPrefix, prepend, replace }: NumberRule): string {
  const parts = [
    ...(strip === undefined ? [] : [`strip ${String(strip)}`]),
    ...(stripPrefix === undefined ? [] : [`strip prefix ${stripPrefix}`]),
    ...(prepend === undefined ? [] : [`prepend ${prepend}`]),
    ...(replace === undefined ? [] : [`replace ${replace.pattern} by ${replace.by === '' ? 'nothing' : replace.by}`]),
  ]; // prettier-ignore
  return parts.length === 0 ? 'leave it' : parts.join(', ');
}
