import type { EdgeParts } from '../edge-resources.ts';
import { OverloadGuard } from './overload-guard.ts';
import type { OverloadGuardParts, OverloadHost } from './overload-host.ts';

/** What stands before new calls; undefined where every one is begun. */
export function guardOf(
  { overload, ...parts }: Omit<OverloadGuardParts, 'settings'> & Pick<EdgeParts, 'overload'>,
  host: OverloadHost,
): OverloadGuard | undefined {
  return overload === undefined
    ? undefined
    : new OverloadGuard({ ...parts, settings: overload }, host);
}
