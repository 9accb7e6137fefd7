export { localTimeAt, timeZoneMistake, timeZonesVersion } from './local-time.ts';
export type { LocalTime } from './local-time.ts';
