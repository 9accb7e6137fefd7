import { unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The moments of a call at which a test may have the process killed: after each write of edge.md §4, and each send. */
export const faultSteps = [
  'after-asked-ahead',
  'after-authenticate',
  'after-claim',
  'after-route',
  'after-stub',
  'after-anchor',
  'after-write-ahead',
  'after-trying',
  'after-invite',
  'after-provisional',
  'after-switch',
  'before-answer',
  'after-answer',
  'after-answer-relay',
  'after-answer-publish',
  'before-cancel',
  'after-cancel',
  'before-end',
  'after-end',
  'after-end-relay',
  'after-end-publish',
  'after-settle',
  'before-request-relay',
  'after-request-relay',
  'before-challenge',
  'after-challenge',
  'after-challenge-relay',
  'before-response-relay',
  'after-response-relay',
  'after-adopt',
] as const;
export type FaultStep = (typeof faultSteps)[number];

let folder: string | undefined;
let listener: ((step: FaultStep, which?: number | string) => void) | undefined;

/**
 * Arms the hooks: whichever pod first passes a step whose name is a file in `path` removes the file and dies by SIGKILL,
 * so that one file kills one pod. Never armed in production.
 */
export function armFaults(path: string | undefined): void {
  folder = path;
}

/** Has every step told instead of dying at it: how a simulation kills or pauses one of the pods in its process. */
export function onPassed(
  told: ((step: FaultStep, which?: number | string) => void) | undefined,
): void {
  listener = told;
}

/**
 * Says that a step has been passed. Costs two comparisons where nothing is armed.
 * @param which number of the INVITE of the call, or method of what is relayed in a dialog: the file `after-invite-2` kills at
 *   the second one, `after-request-relay-BYE` at a BYE, `after-invite` at any
 */
export function passed(step: FaultStep, which?: number | string): void {
  listener?.(step, which);
  if (folder === undefined) return;
  const isHit =
    isRemoved(join(folder, step)) ||
    (which !== undefined && isRemoved(join(folder, `${step}-${String(which)}`)));
  if (isHit) process.kill(process.pid, 'SIGKILL');
}

/** Not where it is not armed, or another pod was quicker. */
function isRemoved(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
