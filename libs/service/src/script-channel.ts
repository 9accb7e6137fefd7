import { SwitchError } from '@tandem/domain';
import type { RedisReply } from './resp-reader.ts';

/** One argument of a command. */
export type CommandPart = string | Buffer | number;

/** The way of scripts to Redis, wherever their keys are at the moment. */
export interface ScriptChannel {
  /** Has a script loaded now, and again after each connection. */
  load(sha: string, lua: string): void;
  /**
   * Sends a command; a command that was sent and whose reply did not come is never sent again.
   * @param key the first key of the command, by which a cluster finds its node; undefined = any node
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE while Redis is away, refuses to write or does not answer in time,
   * SWITCH_STOPPED after `close`; what Redis answers as another error is a plain Error.
   */
  send(parts: readonly CommandPart[], key?: string | Buffer): Promise<RedisReply>;
  /** Ends the connections; commands under way are rejected. */
  close(): void;
}

/** What Redis answers as long as it cannot serve: nothing was done. */
const AWAY =
  /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|OOM|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/;
/** Older servers name the cause behind that of the script. */
const READ_ONLY = /(^|[: -])READONLY\b/;

/** Whether a reply says that another server writes now: this one has become a replica. */
export function isReadOnly(error: Error): boolean {
  return READ_ONLY.test(error.message);
}

/** The error of a reply: of the store where it does not serve, else Redis's own. */
export function errorOfReply(error: Error): Error {
  if (!AWAY.test(error.message) && !isReadOnly(error)) return error;
  return unavailable(`redis does not serve: ${error.message}`, error);
}

/** Redis is away. */
export function unavailable(message: string, cause?: unknown): SwitchError {
  return new SwitchError('SWITCH_STORE_UNAVAILABLE', message, { cause });
}

/** The channel was closed by its owner. */
export function stopped(): SwitchError {
  return new SwitchError('SWITCH_STOPPED', 'the connection to redis was closed');
}
