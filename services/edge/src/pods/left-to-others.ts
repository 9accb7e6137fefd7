import type { Logger } from '@tandem/service';
import type { Clock, PodRegistry } from '../ports.ts';

const LOOK_MS = 200;

/** A pod that has not joined the others yet. */
export interface BeginningPod {
  readonly pods: Pick<PodRegistry, 'look' | 'pods'>;
  /** Whether auth and routing of its own process have what they go by. */
  readonly areServicesReady: () => boolean;
  readonly isStopping: () => boolean;
  readonly clock: Pick<Clock, 'start'>;
  readonly logger: Logger;
}

/**
 * Calls of a pod whose own auth or routing has no configuration yet are refused: it waits for them for as long as others take calls.
 * Where there are none it is no worse than nobody.
 */
export async function leftToOthers(pod: BeginningPod): Promise<void> {
  const { areServicesReady, clock, isStopping, logger, pods } = pod;
  let isTold = false;
  while (!areServicesReady() && !isStopping()) {
    await pods.look();
    const hasOthers = pods.pods().some(({ isDraining, role }) => role !== 'front' && !isDraining);
    if (!hasOthers) return;
    if (!isTold) logger.info('calls are left to other pods until auth and routing are ready');
    isTold = true;
    await new Promise<void>((resolve) => {
      clock.start(LOOK_MS, resolve);
    });
  }
}
