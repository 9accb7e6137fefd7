import { parseHostPort } from '@tandem/config';
import { StoredBindings } from '@tandem/proto/registrar';
import type { StoredBinding } from '@tandem/proto/registrar';
import { transports } from '@tandem/sip';
import type { Binding } from '../core/binding.ts';

const NONE = Buffer.alloc(0);
/** The first byte: how the rest is written. */
const FORM = 1;

/** Bindings of a phone as bytes; none is no bytes. */
export function encodeBindings(phone: string, bindings: readonly Binding[]): Buffer {
  if (bindings.length === 0) return NONE;
  const stored = { bindings: bindings.map((binding) => pack(phone, binding)) };
  const message = StoredBindings.encode(stored).finish();
  const bytes = Buffer.allocUnsafe(message.length + 1);
  bytes[0] = FORM;
  bytes.set(message, 1);
  return bytes;
}

/** In a form that is not known here, of another version, there are none: their phone comes again. */
export function decodeBindings(phone: string, bytes: Buffer): readonly Binding[] {
  if (bytes[0] !== FORM) return [];
  return StoredBindings.decode(bytes.subarray(1)).bindings.map((stored) => unpack(phone, stored));
}

function pack(phone: string, binding: Binding): StoredBinding {
  const { answeredMs, contact, expiresMs, q, refreshedMs, registeredMs, source } = binding;
  const { takenOverMs, takeovers } = binding;
  const own = ownPart(phone);
  const isOwn = contact.startsWith(own);
  const v4 = packV4(source);
  return {
    ...binding,
    path: [...binding.path],
    contactRest: isOwn ? contact.slice(own.length) : '',
    contact: isOwn ? '' : contact,
    grantedMs: expiresMs - refreshedMs,
    registeredBeforeMs: refreshedMs - registeredMs,
    sourceV4: v4?.value ?? 0,
    sourcePort: v4?.port ?? 0,
    source: v4 === undefined ? source : '',
    transport: binding.transport === USUAL_TRANSPORT ? '' : binding.transport,
    q: q === HIGHEST_Q ? undefined : q,
    answeredAfterMs: answeredMs === 0 ? undefined : answeredMs - refreshedMs,
    takenOverBeforeMs: takeovers === 0 ? 0 : refreshedMs - takenOverMs,
  };
}

function unpack(phone: string, stored: StoredBinding): Binding {
  const { contact, contactRest, q, refreshedMs, source, sourcePort, sourceV4 } = stored;
  const { cseq, edge, flow, instance, isBehindNat, local, path, regId } = stored;
  const { answeredAfterMs, isUnreachable, missed, rttMs, takenOverBeforeMs, takeovers } = stored;
  const { grantedMs, registeredBeforeMs, request, sipCallId, transport, userAgent } = stored;
  return {
    contact: contact === '' ? ownPart(phone) + contactRest : contact,
    expiresMs: refreshedMs + grantedMs,
    registeredMs: refreshedMs - registeredBeforeMs,
    refreshedMs,
    q: q ?? HIGHEST_Q,
    sipCallId,
    cseq,
    request,
    instance,
    regId,
    path,
    source: source === '' ? unpackV4(sourceV4, sourcePort) : source,
    transport: transport === '' ? USUAL_TRANSPORT : transport,
    flow,
    local,
    userAgent,
    edge,
    isBehindNat,
    missed,
    isUnreachable,
    answeredMs: answeredAfterMs === undefined ? 0 : refreshedMs + answeredAfterMs,
    rttMs,
    takeovers,
    takenOverMs: takeovers === 0 ? 0 : refreshedMs - takenOverBeforeMs,
  };
}

const HIGHEST_Q = 1000;
const USUAL_TRANSPORT = transports.udp.name;

function ownPart(phone: string): string {
  return `sip:${phone}@`;
}

/** Undefined where it would not come back as it was. */
function packV4(source: string): { readonly value: number; readonly port: number } | undefined {
  const place = parseHostPort(source);
  if (typeof place === 'string') return undefined;
  const value = place.host.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const { port } = place;
  const isPackable = Number.isInteger(value) && value <= 0xffff_ffff;
  return isPackable && unpackV4(value, port) === source ? { value, port } : undefined;
}

function unpackV4(value: number, port: number): string {
  const octets = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  return `${octets.join('.')}:${String(port)}`;
}
