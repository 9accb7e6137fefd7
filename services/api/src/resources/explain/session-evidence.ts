import { readDecision } from '@tandem/domain';
import type { CallEvent } from '@tandem/proto/events';
import type { KeptMessage } from '@tandem/proto/messages';
import { readOutline } from '@tandem/sip';
import { sentence } from '../../core/wordings/index.ts';
import type { ServicePorts } from '../../ports.ts';
import { presentTime } from '../times.ts';

/** Messages that belong to a call come before it is begun, and after it is over. */
const AROUND_MS = 60_000;
const LONGEST = 100;

type Side = 'caller' | 'callee';

/**
 * RFC 4028: for how long a session was agreed on or offered, who had to refresh it, and who refused to, where that ended a call or
 * kept it from beginning. It stands in the messages of the call alone.
 */
export async function sessionEvidence(
  { journal }: Pick<ServicePorts, 'journal'>,
  event: CallEvent | undefined,
): Promise<readonly string[]> {
  if (event === undefined || journal === undefined) return [];
  const isExpired = event.termination?.reason === 'SessionExpired';
  const isRefused = event.decisions.some((record) => {
    const decision = readDecision(record);
    return decision?.kind === 'final-response' && decision.facts.code === 422;
  });
  if (!isExpired && !isRefused) return [];
  const own = event.a?.sipCallId ?? '';
  const callIds = [own, event.b?.sipCallId ?? '', event.callId].filter((id) => id !== '');
  const { messages } = await journal.listMessages({
    callIds: [...new Set(callIds)],
    fromMs: event.startedMs - AROUND_MS,
    untilMs: event.endedMs + AROUND_MS,
    limit: 0,
  });
  const said = messages.flatMap((message) => saidIn(message, own));
  return isExpired ? expired(said) : offered(said);
}

/** What a message says of a session. */
interface Said {
  readonly atMs: number;
  /** Whose leg it is of. */
  readonly leg: Side;
  readonly isSent: boolean;
  /** 0: a request. */
  readonly status: number;
  readonly method: string;
  /** Values of Session-Expires and Min-SE; '' where there is none. */
  readonly session: string;
  readonly least: string;
}

function saidIn({ atMs, bytes, isSent }: KeptMessage, callersId: string): Said[] {
  const raw = Buffer.from(bytes);
  const outline = readOutline(raw);
  if (outline === undefined) return [];
  const { callId, cseqMethod: method, status } = outline;
  if (method !== 'INVITE' && method !== 'UPDATE') return [];
  const text = raw.toString('latin1');
  const leg = callId === callersId ? 'caller' : 'callee';
  const session = headerOf(text, /^(?:session-expires|x)[ \t]*:(.*)$/im);
  return [{ atMs, leg, isSent, status, method, session, least: headerOf(text, /^min-se[ \t]*:(.*)$/im) }]; // prettier-ignore
}

function headerOf(text: string, name: RegExp): string {
  return (name.exec(text.split('\r\n\r\n', 1)[0] ?? '')?.[1] ?? '').trim().slice(0, LONGEST);
}

function expired(said: readonly Said[]): readonly string[] {
  const agreed = said.findLast(({ session, status }) => status >= 200 && status < 300 && session !== ''); // prettier-ignore
  const refused = said.findLast(({ isSent, status }) => status === 422 && !isSent);
  const told =
    agreed === undefined
      ? []
      : [
          `the session was agreed on for ${secondsOf(agreed.session)} s at ${presentTime(agreed.atMs) ?? ''}, ${dutyOf(agreed)} (Session-Expires: ${agreed.session})`,
        ];
  if (refused !== undefined) {
    told.push(
      `the ${refused.leg} refused a refresh by ${refused.method} with 422: it wants ${secondsOf(refused.least)} s at least (Min-SE)`,
    );
  }
  return told.map(sentence);
}

function offered(said: readonly Said[]): readonly string[] {
  const sent = said.findLast(({ isSent, leg, session, status }) => isSent && leg === 'callee' && status === 0 && session !== ''); // prettier-ignore
  if (sent === undefined) return [];
  const asked = said.find(({ isSent, leg, status }) => !isSent && leg === 'caller' && status === 0);
  const whose =
    asked?.session === undefined || asked.session === ''
      ? 'of SS_SIP_SESSION_TTL and SS_SIP_SESSION_UPDATE_SEGMENT: the caller named none'
      : `the caller had asked for ${secondsOf(asked.session)} s`;
  return [sentence(`the call was sent there with a session of ${secondsOf(sent.session)} s, ${whose}`)]; // prettier-ignore
}

/** RFC 4028 §9: uac and uas are those of that transaction; the switch passes a refresh on. */
function dutyOf({ isSent, leg, session }: Said): string {
  const refresher = /refresher\s*=\s*(uac|uas)/i.exec(session)?.[1]?.toLowerCase();
  if (refresher === undefined) return 'and it is not said who refreshes it';
  const isOfLeg = (refresher === 'uac') === isSent;
  const other = leg === 'caller' ? 'callee' : 'caller';
  return `to be refreshed by the ${isOfLeg ? leg : other}`;
}

function secondsOf(value: string): string {
  return /^\d+/.exec(value)?.[0] ?? value;
}
