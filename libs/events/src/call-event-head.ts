import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/**
 * What a reader needs of an event to sort, rate and index it. The rest, decisions above all, is several
 * times as long and is skipped: reading a head takes a third of the time of decoding the event.
 * Names are those of tandem.events.v1.CallEvent; what is not set is '' or 0.
 */
export interface CallEventHead {
  eventId: string;
  callId: string;
  type: string;
  startedMs: number;
  ringingMs: number;
  answeredMs: number;
  endedMs: number;
  originKind: string;
  originName: string;
  originAccount: string;
  aSipCallId: string;
  /** "address:port" of the caller. */
  aPeerAddress: string;
  caller: string;
  callee: string;
  bSipCallId: string;
  /** Gateway of the last attempt. */
  gateway: string;
  reason: string;
  code: number;
  /** Encoded tandem.billing.v1.Terms. */
  customerTerms: Uint8Array;
  vendorTerms: Uint8Array;
  traceParent: string;
  /** The last moment at which both sides were known to be in the call; 0 = nothing later than the answer. */
  aliveMs: number;
  /** 1 = an end without the facts of the call, which stand in its `answered` event. */
  partial: number;
  /** 1 = charged to `aliveMs` in place of `endedMs`. */
  chargedToAlive: number;
}

/**
 * Reads the head of an event.
 * @throws Error where the bytes are no call event, or one without the ids by which duplicates are dropped.
 */
export function readCallEventHead(bytes: Uint8Array): CallEventHead {
  const head = emptyHead();
  readFields(new HeadReader(bytes), bytes.length, head, headFields);
  if (head.eventId === '' || head.callId === '' || head.type === '') {
    throw new Error('not a call event: event id, call id or type is missing');
  }
  return head;
}

/**
 * The W3C trace parent of an event; '' where it has none.
 * @throws Error where the bytes are no call event
 */
export function readTraceParent(bytes: Uint8Array): string {
  const head = emptyHead();
  readFields(new HeadReader(bytes), bytes.length, head, traceParentField);
  return head.traceParent;
}

/** Reads an int64 as a number, seven bits at a time: the library's own way goes through BigInt. */
export class HeadReader extends BinaryReader {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#bytes = bytes;
  }

  time(): number {
    let [value, factor] = [0, 1];
    for (let length = 0; length < 10; length += 1) {
      const byte = this.#bytes[this.pos] ?? 0;
      this.pos += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new RangeError('a number without an end');
  }
}

type ReadField = (reader: HeadReader, head: CallEventHead) => void;
/** Readers of fields by tag, which is number × 8 + wire type (0 = varint, 2 = bytes), as generated code has them. */
type Fields = readonly (ReadField | undefined)[];

function fields(...entries: readonly [number: number, wireType: 0 | 2, read: ReadField][]): Fields {
  const table: (ReadField | undefined)[] = [];
  for (const [number, wireType, read] of entries) table[number * 8 + wireType] = read;
  return table;
}

function nested(inner: Fields): ReadField {
  return (reader, head) => {
    const length = reader.uint32();
    readFields(reader, reader.pos + length, head, inner);
  };
}

function readFields(reader: HeadReader, end: number, head: CallEventHead, known: Fields): void {
  if (end > reader.len) throw new RangeError('an event that ends too early');
  while (reader.pos < end) {
    const tag = reader.uint32();
    const read = known[tag];
    if (read === undefined) skip(reader, tag);
    else read(reader, head);
  }
  if (reader.pos !== end) throw new RangeError('an event whose parts overlap');
}

/** Passes over a field. @throws RangeError where its tag is none */
export function skip(reader: HeadReader, tag: number): void {
  const wireType: WireType | undefined = wireTypes[tag & 7];
  if (wireType === undefined) throw new RangeError('a field of no known type');
  reader.skip(wireType, tag >>> 3);
}

const wireTypes = [
  WireType.Varint,
  WireType.Bit64,
  WireType.LengthDelimited,
  WireType.StartGroup,
  WireType.EndGroup,
  WireType.Bit32,
];

type Keys<Value> = {
  [Key in keyof CallEventHead]: CallEventHead[Key] extends Value ? Key : never;
}[keyof CallEventHead];

function text(key: Keys<string>): ReadField {
  return (reader, head) => {
    head[key] = reader.string();
  };
}

function time(key: Keys<number>): ReadField {
  return (reader, head) => {
    head[key] = reader.time();
  };
}

const origin = fields(
  [1, 2, text('originKind')],
  [2, 2, text('originName')],
  [3, 2, text('originAccount')],
);
const legA = fields(
  [1, 2, text('aSipCallId')],
  [2, 2, text('aPeerAddress')],
  [4, 2, text('caller')],
  [5, 2, text('callee')],
);
const legB = fields([1, 2, text('bSipCallId')]);
const attempt = fields([1, 2, text('gateway')]);
const termination = fields([1, 2, text('reason')], [2, 0, time('code')]);

const headFields = fields(
  [1, 2, text('eventId')],
  [2, 2, text('callId')],
  [3, 2, text('type')],
  [4, 0, time('startedMs')],
  [5, 0, time('ringingMs')],
  [6, 0, time('answeredMs')],
  [7, 0, time('endedMs')],
  [8, 2, nested(origin)],
  [9, 2, nested(legA)],
  [10, 2, nested(legB)],
  [11, 2, nested(attempt)],
  [12, 2, nested(termination)],
  [
    13,
    2,
    (reader, head) => {
      head.customerTerms = reader.bytes();
    },
  ],
  [
    14,
    2,
    (reader, head) => {
      head.vendorTerms = reader.bytes();
    },
  ],
  [16, 2, text('traceParent')],
  [18, 0, time('aliveMs')],
  [19, 0, time('partial')],
  [28, 0, time('chargedToAlive')],
);

const traceParentField = fields([16, 2, text('traceParent')]);

const NO_BYTES = new Uint8Array();

function emptyHead(): CallEventHead {
  return {
    eventId: '',
    callId: '',
    type: '',
    startedMs: 0,
    ringingMs: 0,
    answeredMs: 0,
    endedMs: 0,
    originKind: '',
    originName: '',
    originAccount: '',
    aSipCallId: '',
    aPeerAddress: '',
    caller: '',
    callee: '',
    bSipCallId: '',
    gateway: '',
    reason: '',
    code: 0,
    customerTerms: NO_BYTES,
    vendorTerms: NO_BYTES,
    traceParent: '',
    aliveMs: 0,
    partial: 0,
    chargedToAlive: 0,
  };
}
