import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A part of a run. */
export interface Step {
  readonly name: string;
  /** @param outputFile where the output goes; without it, to ours @returns whether it passed */
  readonly run: (outputFile?: string) => Promise<boolean>;
}

/** What came of a step. */
export interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** What becomes of the output of steps that run beside others: each is kept, and printed when it has ended. */
export interface Kept {
  readonly folder: string;
  readonly print: (text: string) => void;
}

/** Runs steps one after the other, whatever comes of them. */
export async function runSteps(steps: readonly Step[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const step of steps) {
    console.log(`\n── ${step.name}`);
    results.push(await timed(step));
  }
  return results;
}

/** Runs steps one after the other until one fails, while other steps run too. */
export async function runUntilFailure(
  steps: readonly Step[],
  kept: Kept,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const step of steps) {
    const result = await runApart(step, kept);
    results.push(result);
    if (!result.passed) break;
  }
  return results;
}

/** Runs all steps in their order, so many at a time. */
export async function runLanes(
  steps: readonly Step[],
  lanes: number,
  kept: Kept,
): Promise<readonly Result[]> {
  const left = [...steps];
  const results: Result[] = [];
  const lane = async (): Promise<void> => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) {
      results.push(await runApart(step, kept));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

async function runApart(step: Step, { folder, print }: Kept): Promise<Result> {
  const file = join(folder, `${step.name.replaceAll(' ', '-')}.log`);
  const result = await timed(step, file);
  const output = readFileSync(file, { encoding: 'utf8', flag: 'a+' });
  print(`\n── ${step.name}\n${output}`);
  return result;
}

async function timed({ name, run }: Step, outputFile?: string): Promise<Result> {
  const startedAt = performance.now();
  const passed = await run(outputFile);
  return { name, passed, seconds: (performance.now() - startedAt) / 1000 };
}
