import type { CallEvent } from '@tandem/proto/events';
import { isReasonHeader } from './remedies.ts';

/** How an answered call ended: without a full stop, and what would change it; null where nothing need. */
interface EndWording {
  readonly how: string;
  readonly change: string | null;
}

/** How long the switch waits for the ACK of an answer (RFC 3261 §13.3.1.4, 64 × T1). */
const ACK_WAIT = '32 s';

/** An answered call's end, in words. */
export function endOf(event: CallEvent): EndWording {
  const { by = '', reason = '', text = '' } = event.termination ?? {};
  const lasted = seconds(event.answeredMs, event.endedMs);
  if (reason === 'NormalClearing') return { how: hungUp(by, lasted, text), change: null };
  const alive = Math.max(event.aliveMs, event.answeredMs);
  const charged = event.chargedToAlive ? ', and the call is charged until then' : '';
  const sign = `the last sign of life came ${seconds(event.answeredMs, alive)} after the answer${charged}`;
  const account = event.origin?.account ?? 'ACCOUNT';
  const known = ends[reason]?.({ account, lasted, sign, text });
  const other = reason === '' ? '' : ` (${reason})`;
  return known ?? { how: `ended after ${lasted} by the switch${other}`, change: null };
}

interface Ended {
  readonly account: string;
  readonly lasted: string;
  /** When the last sign of life came. */
  readonly sign: string;
  /** What the edge has said of it. */
  readonly text: string;
}

const ends: Readonly<Record<string, ((ended: Ended) => EndWording) | undefined>> = {
  SessionExpired: ({ lasted, sign, text }) => expired(text, lasted, sign),
  NoAck: ({ sign }) => ({
    how: `was ended by the switch, since the caller never confirmed the answer (no ACK within ${ACK_WAIT}); ${sign}`,
    change:
      "See whether the answer (200 OK) reaches the caller and its ACK the switch: an address in the caller's Contact that cannot be reached from here, a NAT or a firewall is the usual cause.",
  }),
  DurationLimit: ({ account, lasted }) => ({
    how: `ended after ${lasted} by the switch, since the balance of the account paid for no more`,
    change: `Book a payment: \`tandem accounts pay ${account} AMOUNT --reference R\`, or raise the overdraft of the account.`,
  }),
  MediaTimeout: ({ lasted, text }) => ({
    how: `ended after ${lasted} by the switch, since no media came any more${said(text)}; media.silence says how long that may be`,
    change:
      'See whether both ends still sent (a network that broke, a side that is gone without hanging up); media.silence of the gateways says how long a call without media is kept.',
  }),
  Lost: ({ sign }) => ({
    how: `has no end that anybody told: the pods that held it were gone; ${sign}`,
    change: 'See why the edges that held it went away: `tandem pods` shows those that live.',
  }),
};

function hungUp(by: string, lasted: string, text: string): string {
  if (by === 'switch') return `ended after ${lasted} by the switch${said(text)}`;
  return `ended after ${lasted} by the ${by === '' ? 'other side' : by}, who hung up`;
}

/** CALL-05: nobody showed that the call goes on. */
function expired(text: string, lasted: string, sign: string): EndWording {
  const silent = /^no sign of the (.+) in the dialog$/.exec(text)?.[1];
  if (silent !== undefined) {
    return {
      how: `ended after ${lasted} by the switch, since the ${silent} did not answer when asked whether the call goes on (OPTIONS in the call); ${sign}`,
      change: `See whether the ${silent} was still there and could be reached: power, network, a NAT that forgot it. Asked is each side that refreshes no session timer.`,
    };
  }
  return {
    how: `ended after ${lasted} by the switch, since neither side refreshed its session timer in time (Session-Expires, RFC 4028); ${sign}`,
    change:
      'See whether the side that had to refresh (refresher) was still there, and whether its re-INVITE or UPDATE reaches the switch.',
  };
}

function said(text: string): string {
  return text === '' || isReasonHeader(text) ? '' : ` (${text})`;
}

function seconds(fromMs: number, untilMs: number): string {
  return `${String(Math.max(0, Math.round((untilMs - fromMs) / 100) / 10))} s`;
}
