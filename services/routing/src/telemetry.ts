import type {
  NextCandidateRequest,
  NextCandidateResponse,
  RouteRequest,
  RouteResponse,
} from '@tandem/proto/routing';
import type { Decision } from '@tandem/proto/decision';
import { readDecision } from '@tandem/domain';
import {
  counter,
  each,
  gauge,
  histogram,
  isTelemetryOn,
  SpanKind,
  SpanStatusCode,
  startSpan,
  tracer,
  withSpan,
  type Span,
} from '@tandem/telemetry';

// Names of spans and metrics of this service; docs/telemetry.md lists them too.
const meter = 'tandem.routing';
const routingTracer = tracer(meter);

const decisionsMade = counter({
  meter,
  name: 'tandem.routing.decisions',
  description:
    'Decided requests, by operation, outcome (routed, deny, error) and reason of a refusal',
  unit: '{request}',
});

/** By gateway, phones as one: how many calls a second each is given. */
const choices = counter({
  meter,
  name: 'tandem.routing.choices',
  description:
    'Attempts that were given to a routing gateway, by gateway; those to phones as phones',
  unit: '{attempt}',
});

/** By the rule, as `explain` names it: gateway-full, gateway-resting, … */
const leftOut = counter({
  meter,
  name: 'tandem.routing.left_out',
  description:
    'Times that a routing gateway was passed over for a call, by the rule that did it; at most eight gateways a call are counted',
  unit: '{gateway}',
});

/** By outcome: answered, negative (there is no such name) or failed (no name server answered). */
export const namesLookedUp = counter({
  meter,
  name: 'tandem.routing.names',
  description: 'Names of gateways looked up, by outcome: answered, negative or failed',
  unit: '{lookup}',
  zeros: each('outcome', 'answered', 'negative', 'failed'),
});

/** OPS-08: beside the calls of the present. */
export const replayedCalls = counter({
  meter,
  name: 'tandem.routing.replayed',
  description: 'Calls of the past that were routed by two configurations for a replay',
  unit: '{call}',
  zeros: [{}],
});

const duration = histogram({
  meter,
  name: 'tandem.routing.duration',
  description: 'Time from a request until its decision, lines included, by operation',
  unit: 's',
});

/** Runs a routing decision inside a span below the caller's, and counts what came out. */
export function observeRoute(
  request: RouteRequest,
  decide: () => Promise<RouteResponse>,
): Promise<RouteResponse> {
  return observe({ operation: 'route', request, decide, describe: describeRoute });
}

/** The same for a failover. */
export function observeNext(
  request: NextCandidateRequest,
  decide: () => Promise<NextCandidateResponse>,
): Promise<NextCandidateResponse> {
  return observe({ operation: 'next-candidate', request, decide, describe: describeNext });
}

/** Whether each routing gateway takes calls: 0 while it is left alone (ROUTE-06). Returns what ends it. */
export function reportGateways(
  read: () => readonly { readonly gateway: string; readonly isResting: boolean }[],
): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.routing.gateway.usable',
      description:
        '1 for each routing gateway that is given calls, 0 for one that is left alone since it asked for it; every pod reports the same',
      unit: '{gateway}',
    },
    (report) => {
      for (const { gateway, isResting } of read()) report(isResting ? 0 : 1, { gateway });
    },
  );
}

/** How many numbers each list in effect has, and which version of it that is. Returns what ends it. */
export function reportNumberLists(read: {
  readonly sizes: () => ReadonlyMap<string, number>;
  readonly versions: () => ReadonlyMap<string, number>;
}): () => void {
  const endSizes = gauge(
    {
      meter,
      name: 'tandem.routing.number_list.numbers',
      description:
        'Numbers in each list in effect, by list; every pod reports the same, but for the second that a new version takes',
      unit: '{number}',
    },
    (report) => {
      for (const [list, numbers] of read.sizes()) report(numbers, { list });
    },
  );
  const endVersions = gauge(
    {
      meter,
      name: 'tandem.routing.number_list.version',
      description:
        'Version of each list in effect, by list; a pod that goes on with an old one reports a lower number, one that lacks it 0',
      unit: '{version}',
    },
    (report) => {
      for (const [list, version] of read.versions()) report(version, { list });
    },
  );
  return () => {
    endSizes();
    endVersions();
  };
}

/** Which version of each imported rate sheet is in effect. Returns what ends it. */
export function reportRateSheets(read: () => ReadonlyMap<string, number>): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.routing.rate_sheet.version',
      description:
        'Version of the imported rates in effect, by rate group; a pod that goes on with an old one reports a lower number, one that lacks it 0',
      unit: '{version}',
    },
    (report) => {
      for (const [group, version] of read()) report(version, { group });
    },
  );
}

/** The limits of the subjects whose lines are reported; 0 has none. Returns what ends it. */
export function reportLineLimits(read: () => ReadonlyMap<string, number>): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.routing.lines.limit',
      description: 'Lines that may be in use, by subject, where they are limited',
      unit: '{line}',
    },
    (report) => {
      for (const [subject, limit] of read()) report(limit, { subject });
    },
  );
}

/** How many lines of each limit are in use, by subject; `read` gives what was last counted. */
export function reportLines(read: () => ReadonlyMap<string, number>): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.routing.lines',
      description: 'Lines in use, by subject; every pod reports the same',
      unit: '{line}',
    },
    (report) => {
      for (const [subject, inUse] of read()) report(inUse, { subject });
    },
  );
}

interface Outcome {
  readonly outcome: string;
  readonly reason: string;
  readonly gateway: string;
}

interface Observed<Response> {
  readonly operation: string;
  readonly request: { readonly traceParent: string; readonly callId: string };
  readonly decide: () => Promise<Response>;
  readonly describe: (response: Response) => Outcome;
}

async function observe<Response extends { readonly decisions: readonly Decision[] }>({
  operation,
  request,
  decide,
  describe,
}: Observed<Response>): Promise<Response> {
  if (!isTelemetryOn()) return decide();
  const span = startSpan(routingTracer, {
    name: `routing.${operation}`,
    parent: request.traceParent,
    kind: SpanKind.SERVER,
    attributes: { 'tandem.call_id': request.callId },
  });
  const startMs = performance.now();
  try {
    const response = await withSpan(span, decide);
    record(span, operation, describe(response));
    for (const decision of response.decisions) {
      const { check, result, subject } = decision;
      span.addEvent('decision', { check, result, subject });
      if (result === 'skipped' && subject.startsWith('routing-gateway ')) {
        leftOut.add(1, { rule: readDecision(decision)?.kind ?? 'other' });
      }
    }
    return response;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    decisionsMade.add(1, { operation, outcome: 'error', reason: 'ServiceUnavailable' });
    throw error;
  } finally {
    duration.record((performance.now() - startMs) / 1000, { operation });
    span.end();
  }
}

function record(span: Span, operation: string, { outcome, reason, gateway }: Outcome): void {
  decisionsMade.add(1, { operation, outcome, reason });
  span.setAttribute('tandem.routing.outcome', outcome);
  if (reason !== '') span.setAttribute('tandem.reason', reason);
  if (gateway === '') return;
  span.setAttribute('tandem.gateway', gateway);
  // Phones are too many for a metric. Names of gateways have no blank.
  choices.add(1, { gateway: gateway.includes(' ') ? 'phones' : gateway });
}

function describeRoute({ outcome }: RouteResponse): Outcome {
  if (outcome?.$case !== 'routed') {
    return { outcome: 'deny', reason: outcome?.value.reason ?? '', gateway: '' };
  }
  const { candidates, chosen } = outcome.value;
  return { outcome: 'routed', reason: '', gateway: candidates[chosen]?.gateway ?? '' };
}

/** The last decision says which gateway is next, or why none is. */
function describeNext({ gateway, decisions }: NextCandidateResponse): Outcome {
  const reason = decisions.at(-1)?.reason ?? '';
  return { outcome: gateway === '' ? 'deny' : 'routed', reason, gateway };
}
