import { column } from '../output.ts';

/** Lines that do not fit, as they are shown. */
export const UNFIT_COLUMNS = [
  column('FILE', 'file'),
  column('LINE', 'line', 'right'),
  column('COLUMN', 'column'),
  column('FOUND', 'found'),
  column('WHAT WOULD BE RIGHT', 'message'),
] as const;
