import type { EdgeConfig } from '../config.ts';
import type { OverloadSettings } from './overload-host.ts';

/** What this process was told, with what measures its receive queues. */
export function overloadSettings(
  { isOverloadOn, overloadRate }: Pick<EdgeConfig, 'isOverloadOn' | 'overloadRate'>,
  queueDelayMs: () => number,
): OverloadSettings {
  return { isOn: isOverloadOn, mostRate: overloadRate ?? Infinity, queueDelayMs };
}
