import type { PhoneDevice } from '@tandem/proto/routing';
import { formatUri, Params, parseUri, unescapeUri } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { Sealer } from '../marks/seal.ts';
import { ByteWriter, readPacked } from '../network/byte-codec.ts';
import type { ByteReader } from '../network/byte-codec.ts';

/** A device that has registered, as its GRUUs name it. */
export interface RegisteredDevice extends PhoneDevice {
  /** As the device wrote it in To. */
  readonly addressOfRecord: string;
  /** What it has registered: its GRUUs have the same scheme (RFC 5630 §5.2.1). */
  readonly contact: string;
  /** Of the REGISTER. */
  readonly cseq: number;
}

/** The first byte of what is sealed (ADR 22). */
const VERSION = 0x81;
/** Of an opened temporary GRUU. */
const SESSION = 'gr-session';
/** No device has it: what is called by a temporary GRUU that is none of ours. */
const NOBODY: PhoneDevice = { instance: '', session: 1 };

/** RFC 5627 §3.1.1: the address of record, and which of its devices. */
export function publicGruu({ addressOfRecord, contact, instance }: RegisteredDevice): string {
  const { user, host, port } = parseUri(addressOfRecord);
  const { scheme } = parseUri(contact);
  const params = new Params([['gr', escaped(instance.replaceAll(/^<|>$/g, ''))]]);
  return formatUri({ scheme, user, host, port, params });
}

/**
 * RFC 5627 §3.1.2: tells neither whose it is nor which device. Each REGISTER has another one (§3.2), any pod can open them, and
 * nobody keeps them.
 */
export function temporaryGruu(device: RegisteredDevice, sealer: Sealer): string {
  const { addressOfRecord, contact, cseq, instance, session } = device;
  const { user = '', host, port } = parseUri(addressOfRecord);
  const { scheme } = parseUri(contact);
  const bytes = new ByteWriter().u8(VERSION).u32(session).u32(cseq).string(user).string(instance);
  const sealed = sealer.seal('gruu', bytes.finish());
  return formatUri({ scheme, user: sealed, host, port, params: new Params([['gr', true]]) });
}

/** Puts the phone and its device into a Request-URI that is a temporary GRUU of ours, so that nobody else has to know of those. */
export function openGruu(request: SipRequest, sealer: Sealer): void {
  const { scheme, user, host, params, port } = parseUri(request.uri);
  if (user === undefined || params.get('gr') !== true) return;
  const bytes = sealer.open('gruu', user);
  const opened = bytes && readPacked(bytes, openedOf);
  if (opened === undefined) return;
  const { device, user: phone } = opened;
  const named = new Params([
    ['gr', escaped(device.instance)],
    [SESSION, String(device.session)],
  ]);
  request.uri = formatUri({ scheme, user: phone, host, port, params: named });
}

/** The device that a Request-URI names, where it is a GRUU; of none where nobody can be meant. */
export function deviceNamed(uri: string): PhoneDevice | undefined {
  const { params } = parseUri(uri);
  const instance = params.get('gr');
  if (instance === undefined) return undefined;
  if (instance === true) return NOBODY;
  const session = Number(params.get(SESSION) ?? 0);
  return Number.isSafeInteger(session) ? { instance: unescapeUri(instance), session } : NOBODY;
}

function openedOf(reader: ByteReader) {
  if (reader.u8() !== VERSION) return undefined;
  const session = reader.u32();
  // What makes it another one than those before.
  reader.u32();
  const user = reader.string();
  return { user, device: { instance: reader.string(), session } };
}

/** RFC 3261 §25.1 paramchar. */
function escaped(text: string): string {
  return text.replace(
    /[^a-zA-Z0-9[\]/:&+$\-_.!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
