import type { AuthenticateRequest, AuthenticateResponse } from '@tandem/proto/auth';
import {
  counter,
  isTelemetryOn,
  SpanKind,
  SpanStatusCode,
  startSpan,
  tracer,
  withSpan,
  type Span,
} from '@tandem/telemetry';
import { challengeEnds } from './core/unanswered.ts';

// Names of spans and metrics of this service; docs/telemetry.md lists them too.
const meter = 'tandem.auth';
const authTracer = tracer(meter);

const authentications = counter({
  meter,
  name: 'tandem.auth.authentications',
  description:
    'Decided requests, by outcome (allow, challenge, deny, unanswered) and reason of a refusal',
  unit: '{request}',
});

const verdicts = counter({
  meter,
  name: 'tandem.auth.signatures',
  description: 'Signatures of calls that were looked at, by verdict and attestation',
  unit: '{call}',
  zeros: [{ verdict: 'passed', attestation: 'A' }],
});

const suspensionsLifted = counter({
  meter,
  name: 'tandem.auth.suspensions.lifted',
  description: 'Suspensions that an operator ended before their time',
  unit: '{suspension}',
  zeros: [{}],
});

const blacklisted = counter({
  meter,
  name: 'tandem.auth.black_listed',
  description: 'Sources that came on the black list for their failures',
  unit: '{source}',
  zeros: [{}],
});

const unansweredChallenges = counter({
  meter,
  name: 'tandem.auth.challenges.unanswered',
  description:
    'Challenges that led nowhere, by termination reason and cause (never answered, sent again, loop, …)',
  unit: '{challenge}',
  zeros: Object.values(challengeEnds).map((cause) => ({ reason: 'ChallengeUnanswered', cause })),
});

/** Runs a decision inside a span below the caller's, and counts what came out. */
export async function observeAuthentication(
  request: AuthenticateRequest,
  decide: () => Promise<AuthenticateResponse>,
): Promise<AuthenticateResponse> {
  if (!isTelemetryOn()) return decide();
  const span = startSpan(authTracer, {
    name: 'auth.authenticate',
    parent: request.traceParent,
    kind: SpanKind.SERVER,
    attributes: { 'sip.method': request.method, 'sip.call_id': request.sipCallId },
  });
  try {
    const response = await withSpan(span, decide);
    describe(span, response);
    return response;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    authentications.add(1, { outcome: 'error', reason: 'ServiceUnavailable' });
    throw error;
  } finally {
    span.end();
  }
}

/** CALL-12. */
export function countVerdict(verdict: string, attestation: string): void {
  // What a stranger writes there is no value of an attribute.
  const level = /^[ABC]$/.test(attestation) ? attestation : 'none';
  verdicts.add(1, { verdict, attestation: level });
}

export function countLiftedSuspension(): void {
  suspensionsLifted.add(1);
}

/** AUTH-08. */
export function countBlacklisted(): void {
  blacklisted.add(1);
}

/** AUTH-14, AUTH-15. */
export function countUnanswered(reason: string, cause: string): void {
  unansweredChallenges.add(1, { reason, cause });
}

function describe(span: Span, { outcome, decisions }: AuthenticateResponse): void {
  const isUnanswered = outcome?.$case === 'deny' && outcome.value.unanswered;
  const reason = outcome?.$case === 'deny' && !isUnanswered ? outcome.value.reason : '';
  const kind = isUnanswered ? 'unanswered' : (outcome?.$case ?? 'none');
  authentications.add(1, { outcome: kind, reason });
  span.setAttribute('tandem.auth.outcome', kind);
  if (reason !== '') span.setAttribute('tandem.reason', reason);
  for (const { check, result, subject } of decisions) {
    span.addEvent('decision', { check, result, subject });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
