import { z } from 'zod';
import { fail } from '../api/problem.ts';
import { parseQueryTime } from '../core/query-time.ts';

/** A time as the API gives it. */
export const time = z.string().nullable().describe('UTC, ISO 8601; null where it did not happen.');

/** 0 stands for "did not happen". */
export function presentTime(ms: number | undefined): string | null {
  return ms === undefined || ms === 0 ? null : new Date(ms).toISOString();
}

/** A time of a query as ms since 1970; 0 where none was given. */
export function readQueryTime(name: string, text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = parseQueryTime(text, Date.now());
  if (ms === undefined) {
    throw fail(
      400,
      'invalid-request',
      `${name} is "${text}", must be a time such as 2026-01-31T12:00:00Z, a day, or 2h for two hours ago`,
    );
  }
  return ms;
}
