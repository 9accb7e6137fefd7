import { clean } from './table.ts';
import type { Json } from './api-client.ts';
import { textAt } from './output.ts';

/** Between the lines of two parties. */
const WIDEST = 44;
const NARROWEST = 18;
/** Room for the time before the lines. */
const TIME_WIDTH = 14;

/**
 * SIP messages as a ladder: a column for each party, the switch between who called it and whom it called, an arrow for each
 * message, and which pod had it where there are several.
 * @param width of the terminal, in characters
 */
export function ladderOf(messages: readonly Json[], width: number): readonly string[] {
  const columns = columnsOf(messages);
  const pods = new Set(messages.map((message) => textAt(message, 'pod')));
  const gap = gapOf(columns.length, width);
  return [
    ...heads(columns, gap),
    ...messages.map((message) => {
      const own = columns.indexOf(SWITCH);
      const peer = columns.indexOf(peerOf(message));
      const isSent = textAt(message, 'direction') === 'sent';
      const [from, to] = isSent ? [own, peer] : [peer, own];
      const line = arrow(labelOf(message), { from, to, columns: columns.length, gap });
      const pod = pods.size > 1 ? `  ${textAt(message, 'pod')}` : '';
      return clean(`${timeOf(message)}  ${line}${pod}`);
    }),
  ];
}

/** One message in a line, for whoever reads them as they come. */
export function lineOf(message: Json): string {
  const isSent = textAt(message, 'direction') === 'sent';
  const way = `${textAt(message, 'transport').padEnd(3)} ${isSent ? '->' : '<-'} ${textAt(message, 'remote').padEnd(21)}`;
  return clean(`${timeOf(message)}  ${way}  ${labelOf(message)}  (${textAt(message, 'callId')})`);
}

/** A message with what it says, indented by nothing: as it was on the wire. */
export function rawOf(message: Json): string {
  const isSent = textAt(message, 'direction') === 'sent';
  const [from, to] = isSent ? ['local', 'remote'] : ['remote', 'local'];
  const ends = `${textAt(message, from)} -> ${textAt(message, to)}`;
  const head = `--- ${textAt(message, 'at')}  ${textAt(message, 'transport')}  ${ends}  pod ${textAt(message, 'pod')}${timesOf(message)}`;
  const text = textAt(message, 'text').replaceAll('\r\n', '\n').split('\n').map(clean).join('\n');
  return `${clean(head)}\n${text}`;
}

const SWITCH = 'Tandem';

function peerOf(message: Json): string {
  return textAt(message, 'remote');
}

/** Whoever spoke first is on the left of the switch; all others on its right, in their order. */
function columnsOf(messages: readonly Json[]): readonly string[] {
  const peers = [...new Set(messages.map(peerOf))];
  const [first = '', ...others] = peers;
  return [first, SWITCH, ...others];
}

function gapOf(columns: number, width: number): number {
  const room = Math.floor((width - TIME_WIDTH - 12) / Math.max(1, columns - 1));
  return Math.min(WIDEST, Math.max(NARROWEST, room));
}

function heads(columns: readonly string[], gap: number): readonly string[] {
  const names = columns.map((name) => clean(name).padEnd(gap)).join('');
  return [`${' '.repeat(TIME_WIDTH)}${names.trimEnd()}`];
}

interface Way {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
  readonly gap: number;
}

function arrow(label: string, { columns, from, gap, to }: Way): string {
  const left = Math.min(from, to);
  const right = Math.max(from, to);
  const cells: string[] = [];
  for (let column = 0; column < columns - 1; column += 1) {
    if (column === left) {
      const space = (right - left) * gap - 1;
      cells.push(`|${shaft(label, space, from < to)}`);
      column = right - 1;
    } else {
      cells.push('|'.padEnd(gap));
    }
  }
  return `${cells.join('')}|`;
}

function shaft(label: string, space: number, isToRight: boolean): string {
  const text = ` ${label.length > space - 5 ? `${label.slice(0, space - 6)}…` : label} `;
  const rest = space - text.length - 1;
  const before = Math.floor(rest / 2);
  const line = `${'-'.repeat(before)}${text}${'-'.repeat(rest - before)}`;
  return isToRight ? `${line}>` : `<${line}`;
}

/** What tells it from others: the method with the number called, or the code with the method that it answers. */
function labelOf(message: Json): string {
  const method = textAt(message, 'method');
  const code = textAt(message, 'code');
  const user = / sips?:([^@;>\s]{1,24})@/.exec(textAt(message, 'summary'))?.[1];
  const sdp = /\n(?:content-type|c)[ \t]*:[ \t]*application\/sdp/i.test(textAt(message, 'text'));
  const named = user === undefined || method !== 'INVITE' ? method : `${method} ${user}`;
  const what = code === '0' ? named : `${textAt(message, 'summary')} (${method})`;
  return `${what}${sdp ? ' +SDP' : ''}${timesOf(message)}`;
}

function timesOf(message: Json): string {
  const times = Number(message['times']);
  return times > 1 ? ` again, ${String(times)}×` : '';
}

/** `10:00:00.123` */
function timeOf(message: Json): string {
  return textAt(message, 'at').slice(11, 23);
}
