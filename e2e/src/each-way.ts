import { after, before, describe } from 'node:test';
import { startAllinone } from './allinone-switch.ts';
import { startReal } from './real-switch.ts';
import { usualWay, ways } from './running-switch.ts';
import type { RunningSwitch, SwitchOptions, Way } from './running-switch.ts';

/** Gives the running switch inside a test. */
export type TheSwitch = () => RunningSwitch;

/** Starts a switch in one of the ways. */
export function startSwitch(way: Way, options: SwitchOptions = {}): Promise<RunningSwitch> {
  return way === 'allinone' ? startAllinone(options) : startReal(options);
}

/**
 * Describes tests that share one switch, once for each way of running it.
 */
export function onEachWay(
  title: string,
  { setUp, tearDown, layout, usual }: EachWayOptions,
  tests: (theSwitch: TheSwitch, way: Way) => void,
): void {
  for (const way of usual === undefined ? ways : usualWay(usual)) {
    describe(`${title}, ${way}`, { timeout: 300_000 }, () => {
      let running: RunningSwitch | undefined;
      before(async () => {
        running = await startSwitch(way, { layout });
        await setUp?.(running);
      });
      after(async () => {
        await tearDown?.();
        await running?.stop();
      });
      tests(() => {
        if (running === undefined) throw new Error('the switch is not up');
        return running;
      }, way);
    });
  }
}

interface EachWayOptions extends Pick<SwitchOptions, 'layout'> {
  /** The only way, where both would say the same: what differs between them is tested elsewhere. @default both */
  readonly usual?: Way;
  /** Runs when the switch is up, before the first test. */
  readonly setUp?: (running: RunningSwitch) => Promise<void>;
  /** Runs after the last one. */
  readonly tearDown?: () => Promise<void>;
}
