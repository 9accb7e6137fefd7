import { setTimeout as delay } from 'node:timers/promises';
import { SwitchError } from '@tandem/domain';
import { ClaimedRounds, LostJob } from '@tandem/service';
import type { JobTimes, Logger } from '@tandem/service';
import type { OnCharged } from '../ports.ts';
import type { ClaimedRerating, ReratingStore } from '../rerating-ports.ts';
import { reratingsEnded } from '../telemetry.ts';
import { runPreview } from './run-preview.ts';

export interface ReratingRoundsParts {
  readonly store: ReratingStore;
  /** PostgreSQL, for the thread of previews. */
  readonly url: string;
  readonly onCharged: OnCharged;
  readonly logger: Logger;
  readonly times?: Partial<JobTimes> | undefined;
}

/** Between two attempts while the store is away, in ms. */
const WAIT_MS = 1000;

/** Previews re-ratings and books them (BILL-06): one at a time, of all pods, and one pod goes on where another has died. */
export function reratingRounds({
  logger,
  onCharged,
  store,
  times,
  url,
}: ReratingRoundsParts): ClaimedRounds<ClaimedRerating> {
  // prettier-ignore
  return new ClaimedRounds({
    name: 're-rating',
    queue: store,
    work: (claim, ended) =>
      claim.state === 'previewing' ? runPreview({ claim, url }, ended) : book(claim, ended),
    onOutcome: (outcome) => {
      reratingsEnded.add(1, { outcome });
    },
    logger,
    times,
  });

  /** What is booked stays, so that a store that is away is waited for. */
  async function book(claim: ClaimedRerating, ended: AbortSignal): Promise<void> {
    for (;;) {
      ended.throwIfAborted();
      try {
        const booked = await store.bookNext(claim);
        if (booked === undefined) throw new LostJob();
        await onCharged(booked.balances);
        if (booked.isDone) return;
      } catch (error) {
        if (!(error instanceof SwitchError)) throw error;
        logger.warn({ err: error, rerating: claim.id }, 're-rating waits for the store');
        await delay(WAIT_MS, undefined, { signal: ended });
      }
    }
  }
}
