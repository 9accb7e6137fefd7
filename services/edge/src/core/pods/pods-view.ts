import type { CallMark } from '../marks/call-mark.ts';
import { podAt } from '../marks/owner.ts';
import type { Place } from '../marks/owner.ts';
import type { PodRegistry } from '../../ports.ts';
import type { PodsView } from './locate.ts';

/** What a pod knows of itself and the others, as of now. */
export function podsView(
  place: Place,
  registry: Pick<PodRegistry, 'pods'>,
  calls: { readonly has: (mark: CallMark) => boolean },
): PodsView {
  return {
    get pods() {
      return registry.pods();
    },
    place,
    get own() {
      return podAt(registry.pods(), place)?.address ?? '';
    },
    has: (mark) => calls.has(mark),
  };
}
