import type { AuthenticationFailure } from '@tandem/proto/auth';
import { recordedWording, sentenceOf } from '../../core/wordings/index.ts';
import { presentTime } from '../times.ts';
import type { AuthenticationFailureView } from './schemas.ts';

export function presentAuthenticationFailure({
  firstMs,
  lastMs,
  decision,
  ...rest
}: AuthenticationFailure): AuthenticationFailureView {
  const times = { first: presentTime(firstMs), last: presentTime(lastMs) };
  if (decision === undefined) return { ...rest, ...times, change: '' };
  // AUTH-14, AUTH-15: in the words of explain.
  const wording = recordedWording(decision);
  const change = wording?.kind === 'trouble' ? wording.change : '';
  return { ...rest, ...times, explanation: sentenceOf(decision), change };
}
