import { decisionKinds, kindOf } from './decision.ts';
import type { Decision, DecisionKind, DecisionRecord } from './decision.ts';
import type { FactShape, Kind } from './kind.ts';

/**
 * A decision that was recorded: the one place where it is read.
 * @returns undefined where this version has no kind with this check, result, reason and exactly these facts: the
 * record is another version's, and is told with its own words
 */
export function readDecision(record: DecisionRecord): Decision | undefined {
  for (const kind of kindsByOrigin.get(originOf(record)) ?? []) {
    const facts = factsOf(kindOf(kind), record);
    if (facts === undefined) continue;
    const { subject, reason, atMs } = record;
    // Its parts were compared with the row of its kind.
    return { kind, subject, reason, facts, atMs } as unknown as Decision;
  }
  return undefined;
}

function originOf({
  service,
  check,
  result,
}: Pick<Kind, 'service' | 'check' | 'result'> | DecisionRecord): string {
  return `${service} ${check} ${result}`;
}

const kindsByOrigin = new Map<string, DecisionKind[]>();
for (const kind of Object.keys(decisionKinds) as DecisionKind[]) {
  const origin = originOf(kindOf(kind));
  kindsByOrigin.set(origin, [...(kindsByOrigin.get(origin) ?? []), kind]);
}

/** The facts of a record, if it can be one of this kind. */
function factsOf(
  { reason, facts: needed, optional = {} }: Kind,
  record: DecisionRecord,
): Record<string, string | number> | undefined {
  const isMeant =
    typeof reason === 'object' ? isWord(reason, record.reason) : record.reason === (reason ?? '');
  if (!isMeant) return undefined;
  const facts: Record<string, string | number> = {};
  for (const { name, value } of record.facts) {
    const shape = shapeOf(needed, name) ?? shapeOf(optional, name);
    const read = shape === undefined ? undefined : valueOf(shape, value);
    if (read === undefined) return undefined;
    facts[name] = read;
  }
  return Object.keys(needed).every((name) => Object.hasOwn(facts, name)) ? facts : undefined;
}

/** A record may name a fact anything, `constructor` too. */
function shapeOf(shapes: Kind['facts'], name: string): FactShape | undefined {
  return Object.hasOwn(shapes, name) ? shapes[name] : undefined;
}

function valueOf(shape: FactShape, value: string): string | number | undefined {
  if (shape === 'text') return value;
  if (shape !== 'number') return isWord(shape, value) ? value : undefined;
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function isWord(words: readonly string[], value: string): boolean {
  return words.includes(value);
}
