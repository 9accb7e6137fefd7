import type { KeptMessage } from '@tandem/proto/messages';
import { readOutline, reasonPhrase } from '@tandem/sip';
import type { Explanation } from './explain.ts';

/**
 * What can be told of a call or request by its SIP messages alone, while what would say more cannot be asked.
 * @param missing what could not be asked, and why
 */
export function explainMessages(
  callId: string,
  messages: readonly KeptMessage[],
  missing: readonly string[],
): Explanation {
  const away = `${missing.join(' and ')} could not be asked`;
  const told = toldBy(messages);
  return {
    callId,
    summary:
      told === undefined
        ? `What became of ${callId} cannot be said now: ${away}, and what could be asked has nothing of it.`
        : `Why it went so cannot be said now, as ${away}; by its SIP messages ${told}.`,
    outcome: 'unknown',
    reason: '',
    code: 0,
    change: 'Ask again once that is back: `tandem pods` and `tandem status` show what is away.',
    price: null,
    steps: [],
    attempts: [],
  };
}

/** "INVITE came from 192.0.2.7:5060 at 2026-…, and the last answer to it was 403 Forbidden". */
function toldBy(messages: readonly KeptMessage[]): string | undefined {
  const read = messages.flatMap((message) => {
    const outline = readOutline(Buffer.from(message.bytes));
    return outline === undefined ? [] : [{ ...message, outline }];
  });
  const first = read.find(({ isSent, outline }) => !isSent && outline.method !== undefined);
  if (first === undefined) return undefined;
  const { method = '' } = first.outline;
  const came = `${method} came from ${first.remote} at ${new Date(first.atMs).toISOString()}`;
  const answer = read.findLast(
    ({ isSent, outline }) =>
      isSent &&
      outline.method === undefined &&
      outline.cseqMethod === method &&
      outline.status >= 200,
  );
  if (answer === undefined) return `${came}, and no final answer to it is known`;
  const { status } = answer.outline;
  return `${came}, and the last answer to it was ${`${String(status)} ${reasonPhrase(status)}`.trimEnd()}`;
}
