import { MOST_OVERHEAD, writeRecord } from '@tandem/events';
import type { MessageFrame, Passage } from '@tandem/events';
import { zstdCompressSync } from 'node:zlib';

export const NOON = Date.parse('2026-06-15T12:00:00Z');

/** A message of a call, as it passed. */
export interface Said {
  readonly callId: string;
  readonly atMs?: number;
  readonly text?: string;
  readonly remote?: string;
  readonly isSent?: boolean;
}

let frames = 0;

/** A frame of one pod with these messages. */
export function frameOf(said: readonly Said[], pod = 'pod-1'): MessageFrame {
  const times = said.map(({ atMs = NOON }) => atMs);
  const buffer = Buffer.alloc(said.length * (MOST_OVERHEAD + 100_000));
  let size = 0;
  for (const each of said) {
    const passage: Passage = {
      isSent: each.isSent ?? false,
      transport: 0,
      local: { address: '192.0.2.1', port: 5060 },
      remote: { address: each.remote ?? '192.0.2.7', port: 5060 },
    };
    const bytes = Buffer.from(
      each.text ?? `OPTIONS sip:192.0.2.1 SIP/2.0\r\nCall-ID: ${each.callId}\r\n\r\n`,
    );
    size = writeRecord(buffer, size, { bytes, passage, atMs: each.atMs ?? NOON });
  }
  frames += 1;
  return {
    id: frames,
    pod,
    firstMs: Math.min(...times),
    lastMs: Math.max(...times),
    count: said.length,
    records: zstdCompressSync(buffer.subarray(0, size)),
  };
}
