import type { Mistake } from '@tandem/config';
import { readCdrMapping, readCdrs, readCsv, UnreadableFile, type ObservedCall } from '@tandem/migration'; // prettier-ignore
import type { PastCall } from './past-call.ts';

/** Columns of a file of calls, as tandem shadow reads them by a mapping. */
const callColumns = ['id', 'from', 'caller', 'callee', 'at', 'gateway', 'code', 'seconds', 'price'] as const; // prettier-ignore

const NEEDED = ['from', 'callee'] as const;
const MOST_MISTAKES = 100;

/**
 * Reads calls from a CSV whose first line has names of `callColumns`.
 * @param nowMs when calls were that say no time
 * @throws UnreadableFile where it is no such file
 */
export function readPastCalls(
  bytes: Buffer,
  nowMs: number,
): { readonly calls: readonly PastCall[]; readonly mistakes: readonly Mistake[] } {
  const { table, unfit: uneven } = readCsv('calls', bytes, { encoding: 'utf-8' });
  const found = callColumns.filter((name) => table.columns.includes(name));
  const missing = NEEDED.filter((name) => !found.some((each) => each === name));
  if (missing.length > 0) {
    throw new UnreadableFile('calls', `has no column ${missing.join(' and ')}: its first line must name columns of ${callColumns.join(', ')}`); // prettier-ignore
  }
  const columns = Object.fromEntries(found.map((name) => [name, name]));
  // A gateway is not needed here; a mapping says so of every file of another switch.
  const gateway = 'gateway' in columns ? 'gateway' : { value: '' };
  const mapping = readCdrMapping('calls', JSON.stringify({ cdrs: { columns: { ...columns, gateway } } })); // prettier-ignore
  const { calls, unfit } = readCdrs(table, mapping);
  const mistakes = [...uneven, ...unfit].slice(0, MOST_MISTAKES).map(({ column, found: text, line, message }) => ({
    path: `line ${String(line)}${column === '' ? '' : `, ${column}`}`,
    message: `is "${text}", ${message}`,
    line,
  })); // prettier-ignore
  return {
    calls: calls.map((call) => pastCallFrom(call, nowMs)).toSorted((a, b) => a.startMs - b.startMs),
    mistakes,
  };
}

function pastCallFrom(call: ObservedCall, nowMs: number): PastCall {
  const { callee, caller, code, from, gateways, id, price = '', seconds } = call;
  const startMs = call.atMs ?? nowMs;
  const isAnswered = seconds > 0 || code === 200;
  // A call that was answered lasts at least a second (BILL-02).
  const durationMs = isAnswered ? Math.max(1, seconds * 1000) : 0;
  return {
    id,
    origin: { kind: '', name: from, account: '' },
    caller,
    callee,
    startMs,
    endMs: startMs + durationMs,
    durationMs,
    reason: isAnswered ? '' : code === 0 ? 'not answered' : `SIP ${String(code)}`,
    attempts: gateways.map((gateway, at) => ({
      gateway,
      account: '',
      isAnswered: isAnswered && at === gateways.length - 1,
      lastedMs: 0,
    })),
    price,
    currency: '',
    cost: '',
    costCurrency: '',
  };
}
