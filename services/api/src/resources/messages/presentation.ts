import type { KeptMessage } from '@tandem/proto/messages';
import { readOutline } from '@tandem/sip';
import type { SipMessageView } from './schemas.ts';

/** Messages for people, with how often each has been said. */
export function presentMessages(messages: readonly KeptMessage[]): SipMessageView[] {
  const said = new Map<string, number>();
  return messages.map((message) => {
    const { atMs, bytes, isSent, local, pod, remote, transport } = message;
    const raw = Buffer.from(bytes);
    const key = `${String(isSent)} ${remote} ${raw.toString('latin1')}`;
    const times = (said.get(key) ?? 0) + 1;
    said.set(key, times);
    return {
      at: new Date(atMs).toISOString(),
      direction: isSent ? 'sent' : 'received',
      transport,
      pod,
      local,
      remote,
      ...outlineOf(raw),
      times,
      text: raw.toString('utf8'),
    };
  });
}

function outlineOf(
  raw: Buffer,
): Pick<SipMessageView, 'summary' | 'method' | 'code' | 'callId' | 'cseq'> {
  const outline = readOutline(raw);
  const firstLine = raw.toString('utf8').trimStart().split(/\r?\n/, 1)[0] ?? '';
  if (outline === undefined) {
    return { summary: firstLine.slice(0, 200), method: '', code: 0, callId: '', cseq: '' };
  }
  const { callId, cseqMethod, cseqNumber, method, status, uri } = outline;
  const summary =
    method === undefined ? firstLine.replace(/^SIP\/2\.0 +/i, '') : `${method} ${uri}`;
  return {
    summary,
    method: method ?? cseqMethod,
    code: status,
    callId,
    cseq: `${cseqNumber} ${cseqMethod}`.trim(),
  };
}
