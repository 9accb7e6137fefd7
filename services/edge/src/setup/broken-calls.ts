import { isOpen } from '../core/call/call-outcomes.ts';
import type { AskedCall } from './call-services.ts';
import type { MailboxSurroundings } from './mailbox-surroundings.ts';
import { answerStateless } from './stateless-answers.ts';

/**
 * What is left to do for a call that its machine can neither go on with nor end: the store frees its lines and has it in the
 * outbox, its caller hears 500. Carriers hear that nobody wants them when they speak next, since the store says that the call
 * has ended. Of one that auth was asked about nothing is in the store but what was asked ahead.
 */
export function giveUpBroken({ edge, services }: MailboxSurroundings, about: AskedCall): void {
  const { call } = about;
  const { invite, phase, source, toTag } = call;
  // An answered call needs no mailbox: what comes for it finds its tokens, and a 2xx that its caller has not had comes again.
  if (phase === 'answered') return;
  const isAsking = phase === 'asking';
  if (!isAsking || services.hasAskedAhead(call.callId)) void services.giveUp(about);
  if (!isOpen(call) && call.isCallerTold) return;
  edge.barrier.run(() => {
    const named = toTag === '' ? {} : { toTag };
    answerStateless(edge, invite, { source, answer: { answer: 'InternalError', ...named } });
  }, {});
}
