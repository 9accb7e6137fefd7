import type { Command } from 'commander';

/** What every command that makes a version takes. */
export interface ChangeOptions {
  readonly dryRun?: boolean;
  readonly note?: string;
}

/** Has a command take --dry-run and --note. */
export function changing(command: Command): Command {
  return command
    .option('--dry-run', 'only say what would change')
    .option('--note <text>', 'kept with the version');
}

/** The query of a request that makes a version. */
export function changeQuery({ dryRun, note }: ChangeOptions): Record<string, string | undefined> {
  return { dryRun: dryRun === true ? 'true' : undefined, note };
}
