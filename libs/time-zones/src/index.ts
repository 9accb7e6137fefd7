export { localTimeAt, timeZoneMistake, timeZonesVersion } from './local-time.ts';
export type { LocalTime } from './local-time.ts';
export { momentAt, startOfDay } from './start-of-day.ts';
export type { CalendarDay } from './start-of-day.ts';
