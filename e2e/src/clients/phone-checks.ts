import assert from 'node:assert/strict';
import type { SwitchApi } from '../switch-api.ts';
import type { CdrView } from '../switch-api.ts';

/** Which gateway, or phone, a call went to, and which side ended it. */
export type Ended = readonly [gateway: string, endedBy: 'caller' | 'callee'];

/** Holds the CDRs of calls, as they come, against what the phones did. */
export class ExpectedCdrs {
  readonly #api: () => SwitchApi;
  #count = 0;

  constructor(api: () => SwitchApi) {
    this.#api = api;
  }

  /** Waits for the CDRs of the calls that were made since the last ones, the first first. */
  async next(wanted: readonly Ended[]): Promise<readonly CdrView[]> {
    this.#count += wanted.length;
    const all = await this.#api().cdrCount(this.#count);
    const cdrs = all.slice(0, all.length - this.#count + wanted.length).toReversed();
    const seen = cdrs.map(({ attempts, endedBy, reason, answeredAt }) => {
      assert.notEqual(answeredAt, null);
      return [attempts.at(-1)?.gateway, endedBy, reason];
    });
    const right = wanted.map((each) => [...each, 'NormalClearing']);
    assert.deepEqual(seen.toSorted(), right.toSorted());
    return cdrs;
  }
}
