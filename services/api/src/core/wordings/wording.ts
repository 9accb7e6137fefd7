import type { Decision, DecisionKind } from '@tandem/domain';

/** A decision in words. None ends with a full stop. */
export type Wording =
  /** Something went well, or on. */
  | { readonly kind: 'step'; readonly text: string }
  /** A gateway was passed over, why, and what would change that, as a whole sentence. */
  | {
      readonly kind: 'left-out';
      readonly gateway: string;
      readonly cause: string;
      readonly change: string;
    }
  /** Something was refused or failed: why, and what would change it, as a whole sentence. */
  | { readonly kind: 'trouble'; readonly why: string; readonly change: string };

/** A sentence for each of these kinds, of the facts that its producer sends. */
export type Wordings<Kinds extends DecisionKind> = {
  readonly [Name in Kinds]: (decision: Decision<Name>) => Wording;
};

export function step(text: string): Wording {
  return { kind: 'step', text };
}

export function leftOut(
  { subject }: Pick<Decision, 'subject'>,
  cause: string,
  change: string,
): Wording {
  return { kind: 'left-out', gateway: subject, cause, change };
}

export function trouble(why: string, change: string): Wording {
  return { kind: 'trouble', why, change };
}

/** "routing-gateway carrier-a" as "routing gateway carrier-a", "routing-gateway phone 1002" as "phone 1002"; names stay as they are. */
export function readable(subject: string): string {
  if (isPhone(subject)) return subject.slice(subject.indexOf(' ') + 1);
  if (subject.trim() === 'unknown-user') return 'a sender with an empty user name';
  const space = subject.indexOf(' ');
  if (space === -1) return subject;
  return subject.slice(0, space).replaceAll('-', ' ') + subject.slice(space);
}

/** Whether what was called is a phone here, which an attempt has in the place of a gateway. */
export function isPhone(subject: string): boolean {
  return subject.startsWith('routing-gateway phone ');
}

/** "192.0.2.7" of "192.0.2.7:40312": the port of a client changes. */
export function hostOf(source: string): string {
  return source.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/** "1.5 s" */
export function seconds(ms: number): string {
  return `${String(Math.round(ms / 100) / 10)} s`;
}

/** "demo" of "account demo". */
export function nameIn(subject: string): string {
  return subject.slice(subject.lastIndexOf(' ') + 1);
}
