import type { CallEvent } from '@tandem/proto/events';
import { readDecision } from '@tandem/domain';
import type { FactsOf } from '@tandem/domain';
import { isReasonHeader, reasonInWords } from './remedies.ts';
import { nameIn, readable } from './wording.ts';

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
  const known = ends[reason]?.({
    account,
    elsewhere: elsewhereOf(event),
    lasted,
    money: moneyOf(event, account),
    sign,
    text,
  });
  const other = reason === '' ? '' : ` (${reason})`;
  return known ?? { how: `ended after ${lasted} by the switch${other}`, change: null };
}

interface Ended {
  readonly account: string;
  /** Where a caller gave itself as that was heard from elsewhere. */
  readonly elsewhere: (FactsOf<'caller-elsewhere'> & { readonly caller: string }) | undefined;
  readonly lasted: string;
  readonly money: EndedMoney;
  /** When the last sign of life came. */
  readonly sign: string;
  /** What the edge has said of it. */
  readonly text: string;
}

/** Whose money ended a call. */
interface EndedMoney {
  readonly account: string;
  /** The same in words: a reseller above the account that calls is told as one (BILL-01). */
  readonly payer: string;
  /** What it had when nothing more could be reserved; '' where that is not known. */
  readonly left: string;
}

const ends: Readonly<Record<string, ((ended: Ended) => EndWording) | undefined>> = {
  SessionExpired: ({ lasted, sign, text }) => expired(text, lasted, sign),
  NoAck: ({ elsewhere, sign }) => ({
    how: `was ended by the switch, since the caller never confirmed the answer (no ACK within ${ACK_WAIT})${wentTo(elsewhere)}; ${sign}`,
    change:
      elsewhere !== undefined && elsewhere.replyAddress !== 'socket'
        ? `Set replyAddress: socket for ${elsewhere.caller}, so that answers go to where it is heard; or correct the address that it writes into its Via.`
        : "See whether the answer (200 OK) reaches the caller and its ACK the switch: an address in the caller's Contact that cannot be reached from here, a NAT or a firewall is the usual cause.",
  }),
  BalanceUsedUp: ({ lasted, money: { account, left, payer } }) => ({
    how: `ended after ${lasted} by the switch, since the money of ${payer} had ended${left}`,
    change: `Book a payment (\`tandem accounts pay ${account} AMOUNT --reference R\`), or raise the overdraft of the account: a call that is up goes on with it.`,
  }),
  EndedByOperator: ({ lasted, text }) => ({
    how: `ended after ${lasted} by an operator${text === '' ? '' : ` (${text})`}, who hung up`,
    change: 'Ask who ended it; `tandem audit` shows who did what.',
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

/** CALL-07: where answers went that nobody confirmed. */
function wentTo(elsewhere: Ended['elsewhere']): string {
  if (elsewhere === undefined) return '';
  const { caller, contact, replyAddress, source, via } = elsewhere;
  const own = contact === '' ? '' : ` and Contact ${contact}`;
  return `: ${caller} was heard from ${source}, and gives itself as Via ${via}${own} (replyAddress: ${replyAddress})`;
}

function elsewhereOf({ decisions }: CallEvent): Ended['elsewhere'] {
  const heard = decisions.map(readDecision).find((each) => each?.kind === 'caller-elsewhere');
  return heard && { ...heard.facts, caller: readable(heard.subject) };
}

/** BILL-05: whose money it was, what was left, and what more would have cost. @param caller the account that calls */
function moneyOf({ decisions }: CallEvent, caller: string): EndedMoney {
  const ended = decisions.map(readDecision).find((each) => each?.kind === 'money-ended');
  if (ended === undefined) return { account: caller, payer: `account ${caller}`, left: '' };
  const { balance, needed, neededFor, overdraft, reserved } = ended.facts;
  const account = nameIn(ended.subject);
  return {
    account,
    payer: account === caller ? `account ${caller}` : `reseller ${account} of account ${caller}`,
    left: `: it had ${balance} and an overdraft of ${overdraft}, of which its calls had reserved ${reserved}, and another ${String(neededFor)} s cost ${needed}`,
  };
}

function hungUp(by: string, lasted: string, text: string): string {
  if (by === 'switch') return `ended after ${lasted} by the switch${said(text)}`;
  const why = isReasonHeader(text) ? reasonInWords(text) : text === '' ? undefined : text;
  const because = why === undefined ? '' : ` and said why: ${why}`;
  return `ended after ${lasted} by the ${by === '' ? 'other side' : by}, who hung up${because}`;
}

/** CALL-05: nobody showed that the call goes on. */
function expired(text: string, lasted: string, sign: string): EndWording {
  const silent = /^no sign of the (.+) in the dialog$/.exec(text)?.[1];
  if (silent !== undefined) {
    return {
      how: `ended after ${lasted} by the switch, since the ${silent} did not answer when asked whether the call goes on (OPTIONS in the call, each SS_SIP_NO_TIMER_REINVITE_INTERVAL); ${sign}`,
      change: `See whether the ${silent} was still there and could be reached: power, network, a NAT that forgot it. Asked is each side that refreshes no session timer.`,
    };
  }
  return {
    how: `ended after ${lasted} by the switch, since neither side refreshed its session timer in time (Session-Expires, RFC 4028; SS_SIP_SESSION_TTL is the longest); ${sign}`,
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
