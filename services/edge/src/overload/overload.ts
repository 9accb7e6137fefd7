import { OverloadGuard } from './overload-guard.ts';
import type { OverloadGuardParts, OverloadHost, OverloadSettings } from './overload-host.ts';

export { FrontGuard } from './front-guard.ts';
export type { OverloadGuard } from './overload-guard.ts';
export type { OverloadSettings, OverloadView } from './overload-host.ts';
export { overloadSettings } from './overload-settings.ts';

/** @param parts without settings every new call is begun */
export function overloadGuard(
  parts: Omit<OverloadGuardParts, 'settings'> & {
    readonly overload?: OverloadSettings | undefined;
  },
  host: OverloadHost,
): OverloadGuard | undefined {
  const { overload: settings } = parts;
  return settings && new OverloadGuard({ ...parts, settings }, host);
}
