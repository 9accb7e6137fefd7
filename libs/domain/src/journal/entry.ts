import type { FactShape, FactValues } from '../decisions/kind.ts';
import { journalCauses } from './causes.ts';
import type { JournalCauseRow } from './causes.ts';

type Causes = typeof journalCauses;

export type JournalCause = keyof Causes;

/** The facts of a cause. What is optional may also be undefined. */
export type JournalFacts<Name extends JournalCause> = FactValues<Causes[Name]['facts']> &
  (Causes[Name] extends { readonly optional: infer Shapes }
    ? Partial<{ readonly [Fact in keyof Shapes]: FactValues<Shapes>[Fact] | undefined }>
    : unknown);

/**
 * Who a journal entry is about, as far as that is certain: `proved` has shown who it is, or is known to the switch otherwise;
 * `claimed` is configured, and anybody may have written its name; `unknown` is not. The less certain, the sooner entries are
 * gathered, so that a flood of strangers fills nothing.
 */
export type JournalSender = 'proved' | 'claimed' | 'unknown';

/** A cause with its facts. */
export type JournalWhy<Name extends JournalCause = JournalCause> = {
  [Each in Name]: { readonly cause: Each; readonly facts: JournalFacts<Each> };
}[Name];

/** Whom it concerns, and from where. */
export interface JournalAbout {
  /** Username of the phone, name of the gateway; '': nobody is named. */
  readonly terminal: string;
  /** '': none is known. */
  readonly account: string;
  readonly sender: JournalSender;
  /** "ip:port", "[v6]:port"; '': none. */
  readonly source: string;
  readonly userAgent: string;
  /** Call-ID of the request. @default none */
  readonly callId?: string | undefined;
  /** Whom it is from and to, where it is about numbers. @default none */
  readonly caller?: string | undefined;
  readonly callee?: string | undefined;
  /** How often it has happened since it was told last. @default 1 */
  readonly count?: number | undefined;
  /** Milliseconds since the epoch. @default now */
  readonly atMs?: number;
}

/** What happened, as a service tells it to the journal (OPS-10). */
export type JournalNote<Name extends JournalCause = JournalCause> = JournalWhy<Name> & JournalAbout;

export function isJournalCause(name: string): name is JournalCause {
  return Object.hasOwn(journalCauses, name);
}

/** The row of a cause, without its literal types. */
export function journalCauseOf(name: JournalCause): JournalCauseRow {
  return journalCauses[name];
}

/** The names of the causes of a kind or of an outcome; what is '' does not restrict. */
export function journalCausesOf(kind: string, outcome: string): readonly JournalCause[] {
  return (Object.keys(journalCauses) as JournalCause[]).filter((name) => {
    const row = journalCauseOf(name);
    return (kind === '' || row.kind === kind) && (outcome === '' || row.outcome === outcome);
  });
}

/**
 * A cause that was kept, with its facts.
 * @returns undefined where this version has no cause of that name with these facts: it is told in its own words
 */
export function readJournalCause(
  name: string,
  facts: readonly { readonly name: string; readonly value: string }[],
): JournalWhy | undefined {
  if (!isJournalCause(name)) return undefined;
  const { facts: needed, optional = {} } = journalCauseOf(name);
  const values: Record<string, string | number> = {};
  for (const fact of facts) {
    const shapes = Object.hasOwn(needed, fact.name) ? needed : optional;
    const shape = Object.hasOwn(shapes, fact.name) ? shapes[fact.name] : undefined;
    // A later version may tell more.
    if (shape !== undefined) values[fact.name] = valueOf(shape, fact.value);
  }
  const isWhole = Object.keys(needed).every((fact) => Object.hasOwn(values, fact));
  // Its parts were compared with the row of its cause.
  return isWhole ? ({ cause: name, facts: values } as unknown as JournalWhy) : undefined;
}

function valueOf(shape: FactShape, value: string): string | number {
  return shape === 'number' ? Number(value) : value;
}
