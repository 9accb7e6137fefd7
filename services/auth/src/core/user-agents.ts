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

  /** Undefined where it is not known, so that it may answer both. */
  answerOf(userAgent: string): '401' | '407' | 'none' | undefined {
    const name = userAgent.toLowerCase();
    const answers = this.#known.find(({ begins }) => name.startsWith(begins))?.answers;
    if (answers === undefined || answers === 'none') return answers;
    return answers === 401 ? '401' : '407';
  }
}
