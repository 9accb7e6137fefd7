import type { Origin } from '@tandem/proto/auth';
import type { Decision } from '@tandem/proto/decision';
import type { Attempt } from '@tandem/proto/events';
import type { ExplainedStep } from '../../core/explain.ts';
import { presentTime } from '../times.ts';
import type { AttemptView, DecisionView, OriginView, StepView } from './schemas.ts';

export function presentOrigin(origin: Origin | undefined): OriginView {
  if (origin === undefined || origin.kind === '') return null;
  return { kind: origin.kind, name: origin.name, account: origin.account };
}

export function presentAttempt(attempt: Attempt): AttemptView {
  const { gateway, account, address, code, reason, text, contact = '' } = attempt;
  return {
    gateway,
    account,
    address,
    startedAt: presentTime(attempt.startedMs),
    endedAt: presentTime(attempt.endedMs),
    code,
    reason,
    text,
    contact,
  };
}

export function presentDecision(decision: Decision): DecisionView {
  const { service, check, result, subject, reason } = decision;
  const facts = Object.fromEntries(decision.facts.map(({ name, value }) => [name, value]));
  return { service, check, result, subject, reason, facts, at: presentTime(decision.atMs) };
}

export function presentStep({ text, decision }: ExplainedStep): StepView {
  return { text, decision: presentDecision(decision) };
}
