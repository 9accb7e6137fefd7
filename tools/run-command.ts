import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';

/** How a command is run. */
export interface CommandOptions {
  /** The command and all that it started are ended after this time. */
  readonly limitMs: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it takes only what CPU the others leave. @default false */
  readonly isPatient?: boolean | undefined;
  /** Where its output goes, of a command that is not the only one. @default our own */
  readonly outputFile?: string | undefined;
}

const KILL_AFTER_MS = 5000;
/** How much less than others a patient command counts for (nice(1)). */
const NICENESS = '10';
const groups = new Set<number>();

/** Runs a command in a process group of its own; true when it exits with 0. */
export function runCommand(
  command: string,
  parameters: readonly string[],
  { limitMs, env = process.env, isPatient = false, outputFile }: CommandOptions,
): Promise<boolean> {
  return new Promise((resolve) => {
    const output = outputFile === undefined ? 'inherit' : openSync(outputFile, 'w');
    const [program, words] = isPatient
      ? ['nice', ['-n', NICENESS, command, ...parameters]]
      : [command, parameters];
    const child = spawn(program, words, {
      stdio: ['ignore', output, output],
      detached: true,
      env,
    });
    if (output !== 'inherit') closeSync(output);
    const group = child.pid;
    if (group !== undefined) groups.add(group);
    if (group !== undefined && isPatient) yieldToOthers(group);
    const limit = setTimeout(() => {
      console.error(`${command} took longer than ${String(limitMs / 1000)} s and is ended`);
      if (group !== undefined) endGroup(group);
    }, limitMs);
    const finish = (isDone: boolean): void => {
      clearTimeout(limit);
      // What the command left behind in its group must not outlive it.
      if (group !== undefined) {
        signalGroup(group, 'SIGKILL');
        groups.delete(group);
      }
      resolve(isDone);
    };
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      finish(false);
    });
    child.once('exit', (code) => {
      finish(code === 0);
    });
  });
}

/** The group is a session too: where Linux shares the CPU out by sessions (sched(7), autogroup) that of a process counts in it alone. */
function yieldToOthers(group: number): void {
  try {
    writeFileSync(`/proc/${String(group)}/autogroup`, NICENESS);
  } catch {
    // Sessions do not count here, or the command has ended.
  }
}

/** Ends every command that is still running, with all that it started. */
export function endCommands(): void {
  for (const group of groups) endGroup(group);
}

function endGroup(group: number): void {
  signalGroup(group, 'SIGTERM');
  setTimeout(() => {
    if (groups.has(group)) signalGroup(group, 'SIGKILL');
  }, KILL_AFTER_MS).unref();
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // The group has ended.
  }
}
