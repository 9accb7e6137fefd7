import { podAt } from '../core/marks/owner.ts';
import type { PodsView } from '../core/pods/locate.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { Calls } from '../setup/calls.ts';

/** What this pod knows of the others, as of now. */
export function podsView(
  { local, pods }: Pick<EdgeResources, 'local' | 'pods'>,
  calls: Pick<Calls, 'has'>,
): PodsView {
  return {
    get pods() {
      return pods.pods();
    },
    place: local,
    get own() {
      return podAt(pods.pods(), local)?.address ?? '';
    },
    has: (mark) => calls.has(mark),
  };
}
