import { as, trunk } from './setup.ts';
import type { BrokenSetup } from './setup.ts';

/** Codes of carriers, each with what it is said to mean. */
const meanings: readonly (readonly [code: number, meaning: RegExp])[] = [
  [400, /it cannot read the call/],
  [415, /none of the media/],
  [420, /does not have an extension/],
  [422, /session is too short/],
  [480, /cannot be reached now/],
  [482, /goes round in a circle/],
  [500, /something failed there/],
  [513, /too long for it/],
  [607, /does not want calls of this caller/],
];

/** Prefix 49 and a code: the carrier answers with that. */
export const answeredCodes: readonly number[] = meanings.map(([code]) => code);

const answers: readonly BrokenSetup[] = meanings.map(([code, meaning]) => ({
  name: `a carrier that answers ${String(code)}`,
  ask: { ...as('1001'), to: `49${String(code)}` },
  says: [new RegExp(`says-${String(code)} answered ${String(code)}`), meaning],
  remedy: /./,
}));

/** What carriers say, or do not. */
export const carrierSetups: readonly BrokenSetup[] = [
  { name: 'a silent carrier', ask: { ...as('1001'), to: '46010' }, says: [/silent sent nothing at all within [\d.]+ s \(timers\.invite of routing gateway silent\) from 127\.0\.0\.1:/], remedy: /firewall/ },
  { name: 'a carrier that rings on', ask: { ...as('1001'), to: '46020' }, says: [/rings-on answered 180 Ringing and then nothing more came within [\d.]+ s \(timers\.ringing of routing gateway rings-on\)/], remedy: /timers\.ringing/ },
  { name: `a busy callee, and a gateway that is left`, ask: { ...as('1001'), to: '46030' }, says: [/busy answered 486 Busy Here: the callee is busy/, /left was not tried after it: 486 is among the stopCodes of routing gateway busy/], remedy: /Try again later/ },
  { name: `a carrier that refuses, and a gateway that is left`, ask: { ...as('1001'), to: '46040' }, says: [/refuses answered 403/, /cause 21 of Q\.850, Call Rejected/, /left-too was not tried after it/], remedy: /Ask its operator what he refuses/ },
  { name: 'a number that the carrier does not know', ask: { ...as('1001'), to: '46050' }, says: [/knows-not answered 404/, /does not know the number/], remedy: /prefix and rewriting/ },
  { name: 'media that the carrier does not take', ask: { ...as('1001'), to: '46060' }, says: [/other-codec answered 488/, /Media type not available/], remedy: /codecs/ },
  { name: 'switchUntilConnect: false', ask: { ...as('1001'), to: '46070' }, says: [/stays answered 503/, /left-3 was not tried after it: routing gateway stays has switchUntilConnect: false/], remedy: /./ },
  { name: 'the limit of attempts', ask: { ...as('1001'), to: '46080' }, says: [/third was not tried after it: SS_GATEWAY_SWITCH_LIMIT lets a call have 2 attempts/], remedy: /./ },
  { name: 'early media', ask: { ...as('1001'), to: '46090' }, says: [/left-4 was not tried after it: the caller had heard early media/, /SS_SIP_STOP_SWITCH_AFTER_SDP/], remedy: /./ },
  { name: 'a carrier that wants a password', ask: { ...as('1001'), to: '46100' }, says: [/asks-password/, /challenge|username|credentials/], remedy: /username and password of routing gateway asks-password/ },
  { name: 'a carrier that sends elsewhere', ask: { ...as('1001'), to: '46110' }, says: [/moved could not be used: it answered 302/], remedy: /moved/ },
  { name: 'a caller who gives up', ask: { ...as('1001'), to: '46120', cancelMs: 50 }, says: [/Cancelled with 487: the caller gave up after .* while it was ringing/], remedy: /Nothing on this side/ },
  { name: 'a port where nobody listens', ask: { ...as('1001'), to: '47250' }, says: [/closed-port sent nothing at all within [\d.]+ s \(timers\.invite of routing gateway closed-port\) from 127\.0\.0\.1:\d+; the call was sent there \d times, and its host says by ICMP that nobody listens at this port/], remedy: /`tandem gateways test closed-port`/ },
  { name: 'a connection that is refused', ask: { ...as('1001'), to: '47270' }, says: [/closed-tcp could not be used: its host refuses the connection: nobody listens at this port/], remedy: /is up and speaks SIP at 127\.0\.0\.1:/ },
  { name: 'progress, and then nothing', ask: { ...as('1001'), to: '47290' }, says: [/timers\.sessionProgress of routing gateway progress/], remedy: /raise timers\.sessionProgress/ },
  { name: 'early media, and then nothing', ask: { ...as('1001'), to: '47300' }, says: [/timers\.sessionProgressSdp of routing gateway early-media/], remedy: /raise timers\.sessionProgressSdp/ },
  { name: 'an answer that comes late', ask: { ...as('1001'), to: '47310' }, says: [/late sent nothing at all within/, /Gateway late \(127\.0\.0\.1:\d+\) answered 200 after [\d.]+ s, when it had been given up after 1 s/], remedy: /timers\.invite/ },
  { name: 'an answer that is no SIP', ask: { ...as('1001'), to: '47410' }, says: [/garbage sent nothing at all/, /Meanwhile a message from 127\.0\.0\.1:\d+ is no SIP that could be answered/], remedy: /firewall|address and port/ },
  { name: 'a carrier that does not take our password', ask: { ...as('1001'), to: '47330' }, says: [/wrong-login could not be used/, /username|password|credentials/], remedy: /Make username and password of routing gateway wrong-login what the carrier expects/ },
  { name: 'a code that is told as another', ask: { ...as('1001'), to: '47340' }, says: [/mapped answered 486 Busy Here/], shows: /486 was told as 600: codeMap of routing gateway mapped says so/, remedy: /Try again later/ },
  { name: 'a cause of Q.850', ask: { ...as('1001'), to: '47390' }, says: [/answered 480/, /cause 19 of Q\.850, no answer/], remedy: /./ },
  { name: 'a refusal that the trunk is told as another', ask: { ...trunk('127.0.0.21'), to: '481' }, says: [/^Refused with 480 Temporarily Unavailable: no routing gateway has a prefix that matches 481/], remedy: /Add a prefix/ },
  ...answers,
]; // prettier-ignore
