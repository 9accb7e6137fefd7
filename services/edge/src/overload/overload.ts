export { FrontGuard } from './front-guard.ts';
export { guardOf } from './guard-of.ts';
export { OverloadGuard } from './overload-guard.ts';
export type { OverloadSettings, OverloadView } from './overload-host.ts';
export { overloadSettings } from './overload-settings.ts';
