import type { Decision, DecisionKind } from '@tandem/domain';

/** A decision in words. None ends with a full stop. */
export type Wording =
  /** Something went well, or on. */
  | { readonly kind: 'step'; readonly text: string }
  /** A gateway was passed over, and why. */
  | { readonly kind: 'left-out'; readonly gateway: string; readonly cause: string }
  /** Something was refused or failed: why, and what would change it, as a whole sentence. */
  | { readonly kind: 'trouble'; readonly why: string; readonly change: string };

/** A sentence for each of these kinds, of the facts that its producer sends. */
export type Wordings<Kinds extends DecisionKind> = {
  readonly [Name in Kinds]: (decision: Decision<Name>) => Wording;
};

export function step(text: string): Wording {
  return { kind: 'step', text };
}

export function leftOut({ subject }: Pick<Decision, 'subject'>, cause: string): Wording {
  return { kind: 'left-out', gateway: subject, cause };
}

export function trouble(why: string, change: string): Wording {
  return { kind: 'trouble', why, change };
}

/** "routing-gateway carrier-a" as "routing gateway carrier-a"; the name itself stays as it is. */
export function readable(subject: string): string {
  const space = subject.indexOf(' ');
  if (space === -1) return subject;
  return subject.slice(0, space).replaceAll('-', ' ') + subject.slice(space);
}

/** "demo" of "account demo". */
export function nameIn(subject: string): string {
  return subject.slice(subject.lastIndexOf(' ') + 1);
}
