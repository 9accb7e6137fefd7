import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for what other processes bring about.
 * @param withinMs long, for a loaded machine. @default 90000
 * @throws where it has not come by then, naming `what`.
 */
export async function eventually(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs = 90_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`not within ${String(withinMs)} ms: ${what}`);
    await sleep(10);
  }
}
