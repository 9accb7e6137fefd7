import { z } from 'zod';
import { entriesOf, isBlock } from './blocks.ts';
import type { Block, Report } from './blocks.ts';
import { wholeNumber } from './fields.ts';
import { parameters } from './parameters.ts';

/** How a routing gateway is throttled while it keeps failing (ROUTE-16). */
export const throttle = z
  .strictObject({
    failureShare: wholeNumber(0, 100)
      .optional()
      .describe(
        'From so many failures of a hundred calls on it is throttled; 0 = never. SS_GATEWAY_THROTTLE_FAILURE_SHARE.',
      ),
    recoveryShare: wholeNumber(0, 99)
      .optional()
      .describe(
        'With so many failures of a hundred calls or fewer it is let back in, a step at a time. SS_GATEWAY_THROTTLE_RECOVERY_SHARE.',
      ),
    calls: wholeNumber(1, 10_000)
      .optional()
      .describe('So few calls say nothing. SS_GATEWAY_THROTTLE_CALLS.'),
    window: wholeNumber(1, 3600)
      .optional()
      .describe('Seconds that the calls are looked at over. SS_GATEWAY_THROTTLE_WINDOW.'),
    step: wholeNumber(1, 600)
      .optional()
      .describe('Seconds from one step to the next at least. SS_GATEWAY_THROTTLE_STEP.'),
    least: wholeNumber(1, 100)
      .optional()
      .describe(
        'Of a hundred calls it keeps so many, however it fails. SS_GATEWAY_THROTTLE_LEAST.',
      ),
    lastResort: z
      .boolean()
      .optional()
      .describe(
        'Calls that it does not get are offered to it after all others; false: they are not. SS_GATEWAY_THROTTLE_LAST_RESORT.',
      ),
    failureCodes: z
      .array(wholeNumber(400, 699))
      .min(1)
      .optional()
      .describe(
        'Final answers that are failures of the gateway; not set: 408, 480 and 503. No answer in time counts as 408, a gateway that cannot be reached as 503.',
      ),
  })
  .optional()
  .describe(
    'It gets fewer calls, step by step, while it keeps failing (ROUTE-16). What is not set here is the system parameter of the same meaning.',
  );

/** ROUTE-16: who is let back in at a share at which he is throttled would go to and fro. */
export function checkThrottles(document: Block, report: Report): void {
  const written = document['parameters'];
  const values = isBlock(written) ? written : {};
  const failure = shareOf(values, 'SS_GATEWAY_THROTTLE_FAILURE_SHARE');
  const recovery = shareOf(values, 'SS_GATEWAY_THROTTLE_RECOVERY_SHARE');
  if (isMistaken(failure, recovery)) {
    report(['parameters', 'SS_GATEWAY_THROTTLE_RECOVERY_SHARE'], text(failure, recovery));
    return;
  }
  for (const { path, block } of entriesOf(document, 'routingGateways')) {
    const own = block['throttle'];
    if (!isBlock(own)) continue;
    const from = own['failureShare'] ?? failure;
    const until = own['recoveryShare'] ?? recovery;
    if (!isMistaken(from, until)) continue;
    const key = own['recoveryShare'] === undefined ? 'failureShare' : 'recoveryShare';
    report([...path, 'throttle', key], text(from, until));
  }
}

type Share = 'SS_GATEWAY_THROTTLE_FAILURE_SHARE' | 'SS_GATEWAY_THROTTLE_RECOVERY_SHARE';

function shareOf(values: Block, name: Share): unknown {
  return values[name] ?? parameters[name].default;
}

function isMistaken(failure: unknown, recovery: unknown): boolean {
  if (typeof failure !== 'number' || typeof recovery !== 'number') return false;
  return failure > 0 && recovery >= failure;
}

function text(failure: unknown, recovery: unknown): string {
  return `a gateway is throttled from ${String(failure)} % failures on (failureShare, SS_GATEWAY_THROTTLE_FAILURE_SHARE), and cannot be let back in at ${String(recovery)} % (recoveryShare, SS_GATEWAY_THROTTLE_RECOVERY_SHARE): set that to less`;
}
