import { CliError, exitCodes } from './cli-error.ts';

/** How many rows `--limit` asks for. Throws where that is no whole number from 1. */
export function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new CliError(exitCodes.usage, `--limit is "${text}", must be a whole number from 1.`);
}
