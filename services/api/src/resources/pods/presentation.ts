import type { Pod } from '@tandem/proto/edge';
import { presentTime } from '../times.ts';
import type { PodView } from './schemas.ts';

/** A pod or front that lives. */
export function presentPod({ draining, shedding, startedMs, ...rest }: Pod): PodView {
  return { ...rest, isDraining: draining, isShedding: shedding, startedAt: presentTime(startedMs) };
}
