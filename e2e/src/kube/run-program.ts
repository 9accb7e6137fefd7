import { execFile } from 'node:child_process';
import { setPriority } from 'node:os';

/** How a program is run. */
export interface ProgramOptions {
  /** Its standard input. @default none */
  readonly input?: string;
  /** @default 120_000 */
  readonly timeoutMs?: number;
}

const MOST_OUTPUT = 64 * 1024 * 1024;

/**
 * Runs a program to its end.
 * @returns its standard output
 * @throws Error with its last words where it fails or takes too long
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { input, timeoutMs = 120_000 }: ProgramOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { maxBuffer: MOST_OUTPUT, timeout: timeoutMs },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
          return;
        }
        const said = (stderr.trim() || stdout.trim()).slice(-2000);
        const cause = error.killed === true ? `not within ${String(timeoutMs)} ms` : said;
        reject(new Error(`${program} ${args.slice(0, 6).join(' ')}: ${cause}`));
      },
    );
    // Peers and what they measure are before all others (deploy/cluster/trials); programs of the trial are not.
    if (child.pid !== undefined) setPriority(child.pid, 0);
    child.stdin?.end(input);
  });
}
