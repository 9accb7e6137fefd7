import type { Logger } from '@tandem/service';
import type { MessageOutline } from '@tandem/sip';
import { Admission } from '../core/overload/admission.ts';
import { readTerms } from '../core/overload/overload-terms.ts';
import type { Clock } from '../ports.ts';
import { messagesShed } from '../telemetry.ts';
import { LoadGauge } from './load-gauge.ts';
import type { OverloadSettings } from './overload-host.ts';

/** What asks for something by itself; all else belongs to something that goes on. */
const beginning: ReadonlySet<string> = new Set([
  'INVITE',
  'REGISTER',
  'SUBSCRIBE',
  'PUBLISH',
  'MESSAGE',
  'OPTIONS',
]);
const none = { count: 0, sinceMs: undefined };

/**
 * Keeps a front able to relay what belongs to calls (CALL-11): past its limits it drops what is new, by source. It says nothing,
 * since it cannot tell a new INVITE from one that is repeated; the workers refuse for themselves.
 */
export class FrontGuard {
  readonly #admission: Admission;
  readonly #gauge: LoadGauge;

  constructor(settings: OverloadSettings, { clock, logger }: { clock: Clock; logger: Logger }) {
    // How many calls there may be is for the workers to say.
    const terms = readTerms(undefined, { isOn: settings.isOn, mostRate: Infinity });
    this.#admission = new Admission(terms, clock.now());
    this.#gauge = new LoadGauge(settings, {
      clock,
      undecided: () => none,
      onSample: (sample) => {
        const change = this.#admission.tick(clock.now(), sample);
        if (change !== undefined) {
          const { perSecond } = this.#admission.state;
          logger.warn({ ...sample, perSecond, change }, 'overload of a front');
        }
        return this.#admission.isShedding;
      },
    });
  }

  get isShedding(): boolean {
    return this.#admission.isShedding;
  }

  /** @returns whether a message is to be dropped */
  sheds({ method, toTag }: MessageOutline, source: string): boolean {
    if (method === undefined || toTag !== undefined || !beginning.has(method)) return false;
    this.#gauge.start();
    if (this.#admission.ask({ source, isKnown: true }).kind === 'admitted') {
      this.#admission.served();
      return false;
    }
    messagesShed.add(1, { cause: 'front' });
    return true;
  }

  close(): void {
    this.#gauge.close();
  }
}
