import { StoredBindings } from '@tandem/proto/registrar';
import type { Binding } from '../core/binding.ts';

const NONE = Buffer.alloc(0);

/** Bindings as bytes; none is no bytes. */
export function encodeBindings(bindings: readonly Binding[]): Buffer {
  if (bindings.length === 0) return NONE;
  const message = StoredBindings.fromPartial({
    bindings: bindings.map((binding) => ({ ...binding, path: [...binding.path] })),
  });
  return Buffer.from(StoredBindings.encode(message).finish());
}

/** What a later version has added is left out. */
export function decodeBindings(bytes: Buffer): readonly Binding[] {
  return bytes.length === 0 ? [] : StoredBindings.decode(bytes).bindings;
}
