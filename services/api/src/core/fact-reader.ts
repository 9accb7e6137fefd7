import type { Decision } from '@tandem/proto/decision';

/** The facts of a decision by name, whatever the spelling: `rate-group` is `rateGroup`. */
export class FactReader {
  readonly subject: string;
  readonly #values: ReadonlyMap<string, string>;

  constructor(decision: Decision | undefined) {
    // "routing-gateway carrier-a" reads better as "routing gateway carrier-a".
    this.subject = readableSubject(decision?.subject ?? '');
    this.#values = new Map(decision?.facts.map(({ name, value }) => [plain(name), value]));
  }

  /** The value of the first of these names that is there. */
  get(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = this.#values.get(plain(name));
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  }

  /** ` (label value)`-like text where the fact is there, else empty. */
  when(names: readonly string[], text: (value: string) => string): string {
    const value = this.get(...names);
    return value === undefined ? '' : text(value);
  }

  /** The subject, or a phrase where the decision names none. */
  who(otherwise: string): string {
    return this.subject === '' ? otherwise : this.subject;
  }
}

/** "routing-gateway carrier-a" as "routing gateway carrier-a"; the name itself stays as it is. */
export function readableSubject(subject: string): string {
  const space = subject.indexOf(' ');
  if (space === -1) return subject;
  return subject.slice(0, space).replaceAll('-', ' ') + subject.slice(space);
}

function plain(name: string): string {
  return name.replace(/[-_ ]/g, '').toLowerCase();
}
