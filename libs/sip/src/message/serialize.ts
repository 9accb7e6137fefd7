import type { SipMessage } from './message.ts';

/**
 * The bytes of a message. Content-Length is set to what the body has and stands last.
 * @throws TypeError when method, Request-URI or reason hold a line break.
 */
export function serialize(message: SipMessage): Buffer {
  const startLine =
    message.kind === 'request'
      ? message.method + ' ' + message.uri + ' ' + message.version
      : message.version + ' ' + String(message.status) + ' ' + message.reason;
  if (startLine.includes('\n') || startLine.includes('\r')) {
    throw new TypeError('a start line must not hold a line break');
  }
  const { body } = message;
  const head =
    startLine +
    '\r\n' +
    message.headers.toText() +
    'Content-Length: ' +
    String(body.length) +
    '\r\n\r\n';
  if (body.length === 0) {
    return Buffer.from(head, 'latin1');
  }
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 'latin1');
  bytes.set(body, head.length);
  return bytes;
}
