/** What came of a connection in place of SIP: it was no WebSocket, its certificate proves nothing, or nothing was said over it. */
export type ConnectionFaultKind = 'web-socket' | 'certificate' | 'unused';

/** Told beside failed handshakes of TLS, whose errors are those of Node. */
export class ConnectionFault extends Error {
  readonly kind: ConnectionFaultKind;
  /** Names that an untrusted certificate is for, with commas; else ''. */
  readonly names: string;

  constructor(kind: ConnectionFaultKind, message: string, names = '') {
    super(message);
    this.kind = kind;
    this.names = names;
  }
}
