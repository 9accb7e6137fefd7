import { demo } from './configuration.ts';
import { freePort } from './free-ports.ts';
import type { RunningSwitch } from './running-switch.ts';
import { type TracedMessage, header } from './sip-trace.ts';
import { type CallerOptions, type SippResult, placeCalls } from './sipp.ts';

type CallOptions = Partial<Omit<CallerOptions, 'port' | 'target'>>;

/** A call of phone 1001, or of another phone, with digest. */
export async function callAsPhone(
  running: RunningSwitch,
  callee: string,
  options: CallOptions = {},
): Promise<SippResult> {
  return placeCalls({
    scenario: 'caller-digest',
    username: demo.phone,
    password: demo.password,
    caller: options.username ?? demo.phone,
    trace: true,
    timeoutMs: 30_000,
    ...options,
    callee,
    port: await freePort(),
    target: running.sip,
  });
}

/** A call of the trunk that is known by its address. */
export async function callAsTrunk(
  running: RunningSwitch,
  callee: string,
  options: CallOptions = {},
): Promise<SippResult> {
  return placeCalls({
    scenario: 'caller-ip',
    address: demo.trunkAddress,
    trace: true,
    timeoutMs: 30_000,
    ...options,
    callee,
    port: await freePort(),
    target: running.sip,
  });
}

/** The Call-ID of the only call of a run. */
export function sipCallId(result: SippResult): string {
  const [message] = result.messages;
  const value = message === undefined ? undefined : header(message, 'Call-ID');
  if (value === undefined) throw new Error(`nothing was sent: ${result.output}`);
  return value;
}

/** The final response that ended the last INVITE of a run. */
export function finalResponse(result: SippResult): TracedMessage {
  const finals = result.messages.filter(
    (message) =>
      message.direction === 'received' &&
      (message.status ?? 0) >= 200 &&
      header(message, 'CSeq')?.endsWith('INVITE') === true,
  );
  const last = finals.at(-1);
  if (last === undefined) throw new Error(`no final response: ${result.output}`);
  return last;
}
