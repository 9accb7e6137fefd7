import type { ListCdrsRequest, ListCdrsResponse } from '@tandem/proto/billing';
import type { ReplayRequest, ReplayResponse } from '@tandem/proto/routing';
import type { ServicePorts } from '../../src/ports.ts';
import { answeredCdr } from '../calls.ts';
import { emptyPorts } from '../api-under-test.ts';
import { route } from '../core/replay/replay-fixture.ts';

export const CALLS = 3000;
export const START = Date.UTC(2026, 10, 21, 10, 0, 0);

/** Billing with `CALLS` calls, one every 100 ms, and routing that sends every third one elsewhere by the draft. */
export function portsWithCalls(
  hooks: {
    readonly onPage?: (cursor: string) => Promise<void> | void;
    readonly onRoute?: () => Promise<void> | void;
  } = {},
): Pick<ServicePorts, 'billing' | 'routing'> {
  const listCdrs = async (request: ListCdrsRequest): Promise<ListCdrsResponse> => {
    await hooks.onPage?.(request.cursor);
    const from = request.cursor === '' ? 0 : Number(request.cursor);
    const until = Math.min(CALLS, from + request.limit);
    return {
      cdrs: Array.from({ length: until - from }, (_, at) => cdr(from + at)),
      nextCursor: until === CALLS ? '' : String(until),
    };
  };
  const replay = async ({ calls }: ReplayRequest): Promise<ReplayResponse> => {
    await hooks.onRoute?.();
    const routes = calls.map(({ seed }) => ({
      now: route(['carrier-a 0.01']),
      draft: route([Number(seed) % 3 === 0 ? 'carrier-b 0.004' : 'carrier-a 0.01']),
    }));
    return { isReady: true, routes };
  };
  const { billing, routing } = emptyPorts();
  return { billing: { ...billing, listCdrs }, routing: { ...routing, replay } };
}

function cdr(at: number) {
  const startedMs = START + at * 100;
  const made = answeredCdr({
    callId: String(at),
    startedMs,
    answeredMs: startedMs + 3000,
    endedMs: startedMs + 64_500,
  });
  return { ...made, callId: String(at) };
}
