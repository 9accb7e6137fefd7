import { knownScanners } from '@tandem/config';
import type { SipRequest } from '@tandem/sip';

/** Programs that look for switches to be abused (AUTH-08), by how their User-Agent begins. */
export class Scanners {
  #names: readonly string[] = knownScanners;

  /** What auth says. @param names in small letters; undefined: those that are known to everybody */
  use(names: readonly string[] | undefined): void {
    this.#names = names ?? knownScanners;
  }

  /** Whether a request is to be dropped without an answer. */
  drop({ headers }: SipRequest): boolean {
    const agent = headers.get('User-Agent');
    if (agent === undefined) return false;
    const text = agent.trimStart().toLowerCase();
    return this.#names.some((name) => text.startsWith(name));
  }
}
