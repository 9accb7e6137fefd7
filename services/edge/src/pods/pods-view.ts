import type { CallMark } from '../core/marks/call-mark.ts';
import { podAt } from '../core/marks/owner.ts';
import type { LocalIdentity } from '../core/network/local-identity.ts';
import type { PodsView } from '../core/pods/locate.ts';
import type { PodRegistry } from '../ports.ts';

/** Who lives, as of each moment, and where this pod is among them. @param has whether this one has a call in memory */
export function podsView(
  registry: Pick<PodRegistry, 'pods'>,
  local: LocalIdentity,
  has: (mark: CallMark) => boolean,
): PodsView {
  return {
    get pods() {
      return registry.pods();
    },
    place: local,
    get own() {
      return podAt(registry.pods(), local)?.address ?? '';
    },
    has,
  };
}
