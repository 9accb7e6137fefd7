import { readdirSync, readFileSync } from 'node:fs';

/** A process that a run started and that still lives. */
export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** The variable by which the processes of one run are known, however deep below it they were started. */
export const RUN_VARIABLE = 'TANDEM_TEST_RUN';

/** Finds what lives on of a run, by the variable in its environment. */
export function findLeftovers(run: string): Leftover[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => read(name, 'environ').includes(`${RUN_VARIABLE}=${run}\0`))
    .map((name) => ({
      pid: Number(name),
      command: read(name, 'cmdline').replaceAll('\0', ' ').trim().slice(0, 120),
    }));
}

/** Ends them for good. */
export function endLeftovers(leftovers: readonly Leftover[]): void {
  for (const { pid } of leftovers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended since.
    }
  }
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
