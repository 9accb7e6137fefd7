import type { RedisReply } from './resp-reader.ts';
import type { CommandPart } from './script-channel.ts';

/** A command and who waits for its reply. */
export interface PendingCommand {
  readonly parts: readonly CommandPart[];
  readonly resolve: (reply: RedisReply) => void;
  readonly reject: (error: Error) => void;
  readonly startedAt: number;
  /** Its caller has been told that it took too long; the reply still takes this place in the order. */
  isOverdue: boolean;
}

/** Commands in the order in which they were given. */
export class CommandQueue {
  #commands: PendingCommand[] = [];
  #first = 0;

  add(command: PendingCommand): void {
    this.#commands.push(command);
  }

  /** Takes the oldest command. */
  shift(): PendingCommand | undefined {
    const command = this.#commands[this.#first];
    if (command === undefined) return undefined;
    this.#first++;
    // The settled head is cut off now and then, not with each reply.
    if (this.#first === this.#commands.length || this.#first > 4096) {
      this.#commands = this.#commands.slice(this.#first);
      this.#first = 0;
    }
    return command;
  }

  /** Takes all commands. */
  clear(): readonly PendingCommand[] {
    const commands = this.#commands.slice(this.#first);
    this.#commands = [];
    this.#first = 0;
    return commands;
  }

  /** Rejects all commands whose callers still wait, and forgets them. */
  rejectAll(error: Error): void {
    for (const { isOverdue, reject } of this.clear()) if (!isOverdue) reject(error);
  }

  /** Rejects what was given before `limit`. @returns how many, and whether younger ones remain */
  expire(limit: number, error: Error): { readonly expired: number; readonly hasYounger: boolean } {
    let expired = 0;
    for (let index = this.#first; index < this.#commands.length; index++) {
      const command = this.#commands[index];
      if (command === undefined || command.isOverdue) continue;
      if (command.startedAt > limit) return { expired, hasYounger: true };
      command.isOverdue = true;
      command.reject(error);
      expired++;
    }
    return { expired, hasYounger: false };
  }
}

/** Appends a command to what is to be written: texts joined, byte strings as they are. */
export function appendCommand(parts: readonly CommandPart[], outgoing: (string | Buffer)[]): void {
  let text = `*${String(parts.length)}\r\n`;
  for (const part of parts) {
    if (typeof part === 'object') {
      outgoing.push(`${text}$${String(part.length)}\r\n`, part);
      text = '\r\n';
    } else {
      const argument = String(part);
      text += `$${String(Buffer.byteLength(argument))}\r\n${argument}\r\n`;
    }
  }
  outgoing.push(text);
}

/** All that is to be written as one byte string: copying it costs less than a write of each part does, gathered or not. */
export function joined(parts: readonly (string | Buffer)[]): Buffer {
  let size = 0;
  for (const part of parts)
    size += typeof part === 'string' ? Buffer.byteLength(part) : part.length;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const part of parts) {
    at += typeof part === 'string' ? bytes.write(part, at) : part.copy(bytes, at);
  }
  return bytes;
}
