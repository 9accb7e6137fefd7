import { knownUserAgents, type SlimConfiguration, type KnownUserAgent } from '@tandem/config';

/** What programs are known to answer (AUTH-15). */
export class UserAgents {
  readonly #known: readonly KnownUserAgent[];

  constructor({ security }: SlimConfiguration) {
    const own = (security?.userAgents ?? []).map(({ begins, answers }) => ({
      begins: begins.toLowerCase(),
      answers,
    }));
    this.#known = [...own, ...knownUserAgents];
  }

  /** Undefined where nothing is known of it, so that it may answer both. */
  answerOf(userAgent: string): '401' | '407' | 'none' | undefined {
    const answers = this.#of(userAgent)?.answers;
    if (answers === undefined || answers === 'none') return answers;
    return answers === 401 ? '401' : '407';
  }

  habitOf(userAgent: string): KnownUserAgent['habit'] {
    return this.#of(userAgent)?.habit;
  }

  #of(userAgent: string): KnownUserAgent | undefined {
    const name = userAgent.toLowerCase();
    return this.#known.find(({ begins }) => name.startsWith(begins));
  }
}
