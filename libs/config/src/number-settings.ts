import { numberExpression } from '@tandem/domain';
import { z } from 'zod';
import { dialled, name, number, prefix, strippedPrefix, username, wholeNumber } from './fields.ts';

// What becomes of numbers: rules, lists and pools (ROUTE-10).

/** Longest number that a rule makes, its `+` aside. */
const LONGEST = 64;
const MOST_POOLED = 10_000;

const names = z.array(name).min(1).optional();

const numberCondition = z.strictObject({
  prefixes: z
    .array(prefix)
    .min(1)
    .optional()
    .describe('It begins with one of these, whether it has a + or not.'),
  minLength: wholeNumber(1, LONGEST).optional().describe('Digits, without +.'),
  maxLength: wholeNumber(1, LONGEST).optional().describe('Digits, without +.'),
  plus: z.boolean().optional().describe('Whether it has a +.'),
  list: name.optional().describe('It is in this one of numberLists.'),
});

const conditions = z
  .strictObject({
    caller: numberCondition.optional(),
    callee: numberCondition.optional(),
    mappingGateways: names.describe('Who calls is one of these.'),
    phones: z.array(username).min(1).optional().describe('Who calls is one of these.'),
    accounts: names.describe('The account that calls is one of these.'),
    routingGateways: names.describe('Where it goes is one of these: for rules of gateways.'),
    callTypes: names.describe('The called number is of one of these types, or internal.'),
  })
  .default({})
  .describe('All of it must hold, with the numbers as the rules before have left them.');

const replacement = z.strictObject({
  pattern: z
    .string()
    .describe('Regular expression (RE2), which is looked for in the whole number, + included.'),
  by: z
    .string()
    .max(LONGEST)
    .describe('In place of what matched: $1 to $9 are groups, $0 is all of it.'),
});

const rule = z
  .strictObject({
    number: z.enum(['caller', 'callee']).describe('Which number it changes.'),
    when: conditions,
    strip: wholeNumber(1, LONGEST).optional().describe('Digits to take away, and the +.'),
    stripPrefix: strippedPrefix
      .optional()
      .describe('Taken away; the rule is for numbers that begin with it. "+" takes that alone.'),
    prepend: dialled
      .optional()
      .describe('Put before what is left, in place of its +. "+" makes it international.'),
    replace: replacement.optional(),
    last: z
      .boolean()
      .default(false)
      .describe('No further rule of the set is for this number, where this one was.'),
  })
  .superRefine((value, context) => {
    for (const [path, message] of ruleMistakes(value)) {
      context.addIssue({ code: 'custom', path, message });
    }
  });

type Written = Readonly<{
  strip?: unknown;
  stripPrefix?: unknown;
  prepend?: unknown;
  replace?: { readonly pattern: string; readonly by: string } | undefined;
  last: boolean;
}>;

/** A rule does one thing, and its regular expression is one. */
function ruleMistakes(value: Written): (readonly [string[], string])[] {
  const { strip, stripPrefix, prepend, replace } = value;
  if (strip !== undefined && stripPrefix !== undefined) {
    return [[['stripPrefix'], 'does not go with strip: make two rules of it']];
  }
  const isPlain = strip !== undefined || stripPrefix !== undefined || prepend !== undefined;
  if (replace === undefined) {
    if (isPlain || value.last) return [];
    return [[[], 'does nothing: it needs strip, stripPrefix, prepend, replace, or last: true']];
  }
  if (isPlain) {
    return [[['replace'], 'does not go with strip, stripPrefix and prepend: make two rules of it']];
  }
  const expression = numberExpression(replace.pattern, replace.by);
  if (typeof expression !== 'string') return [];
  const isOfBy = / in by\b/.test(expression);
  return [[['replace', isOfBy ? 'by' : 'pattern'], isOfBy ? expression.replace(' in by', '') : expression]]; // prettier-ignore
}

/** Rules under a name, for gateways, phones and accounts to refer to. */
export const numberRuleSet = z.strictObject({ name, rules: z.array(rule).min(1) });

/** What is in a list is imported: `tandem lists import`. */
export const numberList = z.strictObject({
  name,
  match: z
    .enum(['exact', 'prefix'])
    .default('exact')
    .describe('Its entries are whole numbers, or how numbers begin.'),
});

export const numberPool = z.strictObject({
  name,
  numbers: z.array(number).min(1).max(MOST_POOLED),
  pick: z
    .enum(['random', 'round-robin', 'sticky-callee', 'sticky-caller'])
    .default('random')
    .describe(
      'At random; one after the other, over all pods; or always the same for a callee, or caller.',
    ),
});

const listNames = z.array(name).default([]);

/** Who may call and be called, by names of numberLists. */
export const listTerms = z
  .strictObject({
    allowCallers: listNames,
    denyCallers: listNames,
    allowCallees: listNames,
    denyCallees: listNames,
  })
  .optional()
  .describe(
    'Numbers in a denied list are refused; where there are allowed lists, so are those in none of them.',
  );

/** The sets that hold for whoever has them, in this order. */
export const numberRules = z.array(name).optional().describe('Names of numberRules, in order.');

export type NumberRuleSet = z.output<typeof numberRuleSet>;
export type NumberRule = NumberRuleSet['rules'][number];
export type NumberCondition = z.output<typeof numberCondition>;
export type NumberPool = z.output<typeof numberPool>;
export type NumberListEntry = z.output<typeof numberList>;
export type ListTerms = NonNullable<z.output<typeof listTerms>>;
