import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { connect as connectByTls, createServer as createTlsServer } from 'node:tls';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { signCall } from '@tandem/stir';
import { TestNameServer, TlsFiles, issueCertificate } from '@tandem/testing';
import type { CertificateOptions, IssuedCertificate } from '@tandem/testing';
import { startAllinone } from '../src/allinone-switch.ts';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { ask } from '../src/asking-client.ts';
import { configuration } from '../src/configuration.ts';
import { freePorts } from '../src/free-ports.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { until } from '../src/until.ts';

/** What is asked, and what `explain` says of it: the cause with its value, and what would change it. */
interface Broken {
  readonly name: string;
  /** @returns what it is found by, a path of the API */
  readonly break: () => Promise<string>;
  readonly says: RegExp;
  readonly remedy: RegExp;
}

const PATIENCE = { timeoutMs: 60_000, everyMs: 500 };
const HOUR_MS = 3_600_000;
const CALLER = '441632960100';
const validFrom = new Date(Date.now() - 24 * HOUR_MS);
const validTo = new Date(Date.now() + 24 * HOUR_MS);
const expired = { validTo: new Date(Date.now() - HOUR_MS) };
const authority = (name: string): IssuedCertificate =>
  issueCertificate({ name, validFrom, validTo });
const [root, stranger] = [authority('Root'), authority('Stranger')];

suite('signatures and connections that fail explain themselves', () => {
  const closers: (() => void)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'tandem-explained-'));
  const files = new TlsFiles({ after: (remove) => closers.push(remove) });
  let running: RunningSwitch;
  let tlsPort = 0;
  let plainPort = 0;
  let webSocketPort = 0;

  const leaf = (issuer: IssuedCertificate | undefined, more: Partial<CertificateOptions> = {}) =>
    issueCertificate({ name: 'leaf', isAuthority: false, issuer, validFrom, validTo, domains: ['carrier.example'], ...more }); // prettier-ignore
  const forCalls = (issuer: IssuedCertificate, more: Partial<CertificateOptions> = {}) =>
    issueCertificate({ name: 'Theirs', issuer, numbers: [{ spc: '1234' }], validFrom, validTo, ...more }); // prettier-ignore
  const signers = {
    good: forCalls(root),
    foreign: forCalls(stranger),
    expired: forCalls(root, expired),
    narrow: forCalls(root, { numbers: [{ one: '15551234567' }] }),
  };

  before(async () => {
    const certificates = join(folder, 'certificates');
    mkdirSync(certificates);
    for (const [name, { pem }] of Object.entries(signers)) writeFileSync(join(certificates, `${name}.pem`), pem); // prettier-ignore
    const map = Object.keys(signers).map((name) => [urlOf(name), `${name}.pem`]);
    writeFileSync(join(certificates, 'map.json'), JSON.stringify(Object.fromEntries(map)));
    writeFileSync(join(folder, 'trust.pem'), root.pem);
    const carrier = await AnsweringCarrier.start(new Map([['44', [{ code: 200 }]]]));
    const names = await TestNameServer.start([]);
    [tlsPort = 0, plainPort = 0, webSocketPort = 0] = await freePorts(3);
    const at = (port: number, host = '127.0.0.1'): string => `${host}:${String(port)}`;
    running = await startAllinone({
      env: {
        TANDEM_SIP_LISTEN: `udp:${at(plainPort)},tcp:${at(plainPort)},tls:${at(tlsPort)},ws:${at(webSocketPort)}`,
        TANDEM_SIP_TLS_CERTIFICATES: files.write('own', files.issue({ domains: ['edge.example'] })),
        TANDEM_SIP_TLS_CA: files.caFile,
        TANDEM_SIP_WS_ORIGINS: 'https://phone.example',
        TANDEM_DNS_SERVERS: at(names.port),
        TANDEM_STIR_TRUST: join(folder, 'trust.pem'),
        TANDEM_STIR_CERTIFICATES: certificates,
      },
    });
    const listening = async (server: Server): Promise<number> => {
      server.listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      closers.push(() => server.close());
      return (server.address() as AddressInfo).port;
    };
    const overTls = (shown: IssuedCertificate, more: TlsOptions = {}): Promise<number> =>
      listening(createTlsServer({ cert: shown.pem, key: shown.keyPem, ...more }, ignore));
    const gateways = [
      ['wrong-name', '4601', await overTls(files.issue({ domains: ['somebody.example'] }))],
      ['out-of-date', '4602', await overTls(leaf(files.ca, expired))],
      ['of-a-stranger', '4603', await overTls(leaf(stranger))],
      ['self-signed', '4604', await overTls(leaf(undefined))],
      ['no-tls', '4605', await listening(createServer((socket) => {
        ignore(socket).on('data', () => socket.end('SIP/2.0 400 Bad\r\n\r\n'));
      }))],
      ['silent-to-tls', '4607', await listening(createServer((socket) => ignore(socket).resume()))],
    ] as const; // prettier-ignore
    const document = configuration(carrier.port, carrier.port);
    for (const [name, prefix, port] of gateways) {
      document.routingGateways.push({ name, prefixes: [prefix], addresses: [at(port)], priority: 1, transport: 'tls', certificate: { name: 'carrier.example' } }); // prettier-ignore
    }
    const speaksTls = await overTls(files.issue({ domains: ['carrier.example'] }));
    document.routingGateways.push({ name: 'tls-to-tcp', prefixes: ['4608'], addresses: [at(speaksTls)], priority: 1, transport: 'tcp' }); // prettier-ignore
    document.routingGateways.push({ name: 'nameless', prefixes: ['4606'], addresses: ['nobody.example.test'], priority: 1 }); // prettier-ignore
    (document.rateGroups[0]?.['rates'] as object[]).push({ prefix: '46', pricePerMinute: '0.01' });
    const trunk = (name: string, address: string, more: object) => ({ name, account: 'demo', authentication: { mode: 'ip', addresses: [`${address}/32`] }, ...more }); // prettier-ignore
    document.mappingGateways.push(
      trunk('signing', '127.0.0.15', { stir: { verify: 'refuse' } }),
      trunk('secure', '127.0.0.11', { certificateNames: ['pbx.example'] }),
    );
    await running.configure(document);
    closers.push(() => {
      carrier.close();
    });
  });

  after(async () => {
    await running.stop();
    for (const close of closers) close();
    rmSync(folder, { recursive: true, force: true });
  });

  const callOf = async (to: string, more: object = {}): Promise<string> => {
    const asked = { method: 'INVITE', from: CALLER, to, target: running.sip, address: '127.0.0.2' } as const; // prettier-ignore
    const { callId } = await ask({ ...asked, ...more });
    return `explain/${encodeURIComponent(callId)}`;
  };
  const signed = (name: string, says: RegExp, remedy: RegExp, { by = 'good', x5u = urlOf(by), ...claims }: Signing = {}): Broken => ({
    name: `a call whose signature ${name}`,
    break: async () => {
      const call = { attestation: 'A' as const, origid: 'o-1', caller: CALLER, callee: '441', atMs: Date.now(), ...claims }; // prettier-ignore
      const identity = await signCall(call, { key: signers[by].key, x5u });
      return callOf('441', { address: '127.0.0.15', headers: { Identity: identity } });
    },
    says,
    remedy,
  }); // prettier-ignore
  const gateway = (name: string, to: string, says: RegExp, remedy: RegExp): Broken => ({
    name: `a gateway ${name}`,
    break: () => callOf(to),
    says,
    remedy,
  });
  /** A caller over TLS, from the address of a trunk that must show a certificate. */
  const shows = (name: string, certificate: IssuedCertificate | undefined, says: RegExp): Broken => ({
    name: `a trunk over TLS ${name}`,
    break: async () => {
      const callId = randomBytes(6).toString('hex');
      const shown = certificate && { cert: certificate.pem, key: certificate.keyPem };
      const socket = dialTls(tlsPort, '127.0.0.11', { rejectUnauthorized: false, ...shown });
      socket.once('secureConnect', () => socket.write(inviteOverTls(callId)));
      await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
      return `explain/${callId}`;
    },
    says,
    remedy: /TANDEM_SIP_TLS_CA/,
  }); // prettier-ignore
  /** What is found by its address alone. */
  const connection = (name: string, address: string, dial: () => Socket, [says, remedy]: readonly [RegExp, RegExp]): Broken => ({
    name,
    break: async () => {
      const socket = ignore(dial());
      await sleep(1500);
      socket.destroy();
      return found(`address=${address}`);
    },
    says,
    remedy,
  }); // prettier-ignore
  const found = (query: string): Promise<string> =>
    until(`something is found by ${query}`, async () => {
      const { candidates } = (await running.api.get(`/api/v1/explain?${query}`)) as { candidates: { id: string }[] }; // prettier-ignore
      return candidates[0] && `explain/${encodeURIComponent(candidates[0].id)}`;
    }, PATIENCE); // prettier-ignore
  const says = (text: string) => (socket: Socket): Socket => socket.once('connect', () => socket.write(text)); // prettier-ignore
  const dial = (port: () => number, localAddress: string, text: string) => (): Socket =>
    says(text)(connect({ host: '127.0.0.1', port: port(), localAddress }));

  const table: readonly Broken[] = [
    signed('is old', /is stale: it was signed \d{3} s ago, and may be 60 s old/, /NTP/, { atMs: Date.now() - 180_000 }),
    signed('is ahead of the clock', /signed \d{3} s ahead of the clock here/, /that of the signer is ahead/, { atMs: Date.now() + 600_000 }),
    signed('is of another caller', /signed for caller 441632960999, not for 441632960100/, /must sign the numbers that it sends/, { caller: '441632960999' }),
    signed('is of another callee', /signed for callee 442079460000, not for 441 \(/, /must sign the numbers that it sends/, { callee: '442079460000' }),
    signed('is by somebody who is not trusted', /no trusted authority has issued certificate CN=Theirs/, /TANDEM_STIR_TRUST/, { by: 'foreign' }),
    signed('is by a certificate that has expired', /certificate CN=Theirs has expired on/, /renew its certificate \(https:.*expired\.pem\)/, { by: 'expired' }),
    signed('is by a certificate for other numbers', /its certificate is not for 441632960100/, /TNAuthList/, { by: 'narrow' }),
    signed('has a certificate that cannot be fetched', /certificate at https:\/\/nobody\.invalid\/x\.pem: .*nobody\.invalid/, /TANDEM_STIR_FETCH/, { x5u: 'https://nobody.invalid/x.pem' }),
    signed('has a certificate at a private address', /127\.0\.0\.1 is no public address/, /TANDEM_STIR_FETCH: any/, { x5u: 'https://127.0.0.1:9/x.pem' }),
    signed('is by another key', /its signature is wrong/, /certificate of the key that it signs with/, { by: 'foreign', x5u: urlOf('good') }),
    {
      name: 'a call whose signature cannot be read',
      break: () => callOf('441', { address: '127.0.0.15', headers: { Identity: 'garbage' } }),
      says: /it is no signed token/,
      remedy: /ppt=shaken/,
    },
    gateway('with a certificate for another name', '46010', /wrong-name could not be used: its certificate is not accepted: it is for somebody\.example, and has to be for carrier\.example/, /certificate\.name/),
    gateway('with a certificate that has expired', '46020', /out-of-date could not be used: .*it has expired, /, /renew the certificate/),
    gateway('with a certificate of a stranger', '46030', /the authority that signed it, Stranger, is not known here/, /TANDEM_SIP_TLS_CA/),
    gateway('with a certificate of its own', '46040', /it is signed by itself/, /TANDEM_SIP_TLS_CA/),
    gateway('that speaks no TLS', '46050', /no-tls could not be used: no TLS is spoken there: what it answers is another protocol/, /Set transport: tcp for routing gateway no-tls/),
    gateway('that does not answer TLS', '46070', /silent-to-tls (?:could not be used|sent nothing at all).*no TLS is spoken there: the port takes connections, and does not answer a handshake/, /Set transport: tcp for routing gateway silent-to-tls/),
    gateway('over TCP at a port of TLS', '46080', /tls-to-tcp (?:could not be used|sent nothing at all).*TLS is spoken at this port, and plain SIP was sent there/, /Set transport: tls for routing gateway tls-to-tcp/),
    gateway('whose name has no address', '46060', /nameless, because no address is known for nobody\.example\.test/, /Correct the name/),
    shows('without a certificate', undefined, /with no certificate that is trusted, and must show one for pbx\.example/),
    shows('with a certificate that has expired', leaf(files.ca, { domains: ['pbx.example'], ...expired }), /must show one for pbx\.example[\s\S]*for pbx\.example, proves nothing: it has expired/),
    shows('with a certificate of a stranger', leaf(stranger, { domains: ['pbx.example'] }), /proves nothing: the authority that signed it, Stranger, is not known here/),
    shows('with a certificate for another name', files.issue({ domains: ['fax.example'] }), /with a certificate for fax\.example/),
    connection('a handshake that is broken off', '127.0.0.38', () => {
      const socket = connect({ host: '127.0.0.1', port: tlsPort, localAddress: '127.0.0.38' });
      return socket.once('connect', () => socket.write(Buffer.from('1603010200', 'hex'), () => socket.resetAndDestroy()));
    }, [/came to no TLS: it closed the connection before TLS was agreed on/, /let it trust the authority/]),
    connection('a peer that says after the handshake what it has against it', '127.0.0.39', () => {
      const plain = connect({ host: '127.0.0.1', port: tlsPort, localAddress: '127.0.0.39' });
      const socket = ignore(connectByTls({ socket: plain, rejectUnauthorized: false }));
      return socket.once('secureConnect', () => plain.write('OPTIONS sip:x SIP/2.0\r\n\r\n'));
    }, [/came to no TLS: what it sent is no TLS/, /speak TLS to this port/]),
    connection('plain text to the port of TLS', '127.0.0.31', dial(() => tlsPort, '127.0.0.31', 'OPTIONS sip:x SIP/2.0\r\n\r\n'), [/came to no TLS: what it sent is no TLS/, /speak TLS to this port/]),
    connection('TLS to the port of plain text', '127.0.0.32', () => dialTls(plainPort, '127.0.0.32', {}), [/is no SIP that could be answered: this is TLS, to a port of plain SIP/, /Correct whoever sends it/]),
    connection('HTTP to the port of SIP', '127.0.0.33', dial(() => plainPort, '127.0.0.33', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), [/this is no SIP/, /Correct whoever sends it/]),
    connection('a page of another origin', '127.0.0.35', dial(() => webSocketPort, '127.0.0.35', upgrade('/', 'Origin: https://evil.example\r\nSec-WebSocket-Protocol: sip\r\n')), [/its page is of https:\/\/evil\.example, and those of https:\/\/phone\.example may connect; answered 403/, /TANDEM_SIP_WS_ORIGINS/]),
    connection('a WebSocket at another path', '127.0.0.36', dial(() => webSocketPort, '127.0.0.36', upgrade('/ws', 'Sec-WebSocket-Protocol: sip\r\n')), [/it asked for path \/ws, and SIP is at \/; answered 404/, /TANDEM_SIP_WS_PATH/]),
    connection('a WebSocket without the subprotocol', '127.0.0.37', dial(() => webSocketPort, '127.0.0.37', upgrade('/', '')), [/it offers no subprotocol sip \(offered: none\); answered 400/, /subprotocol sip/]),
  ]; // prettier-ignore

  for (const { name, break: breakIt, remedy, says: said } of table) {
    test(`OPS-09 ${name}: cause, value and remedy`, async () => {
      const path = await breakIt();
      let text = '';
      let change = '';
      await until(`${name} is explained`, async () => {
        const view = (await running.api.get(`/api/v1/${path}`).catch(() => undefined)) as View | undefined; // prettier-ignore
        text = [view?.summary, ...(view?.evidence ?? [])].join('\n');
        change = view?.change ?? '';
        return said.test(text);
      }, PATIENCE).catch(() => undefined); // prettier-ignore
      assert.match(text, said);
      assert.match(change, remedy);
      assert.doesNotMatch(text, /routines|openssl|ERR_|undefined/);
    });
  }
});

interface View {
  readonly summary: string;
  readonly evidence: readonly string[];
  readonly change: string | null;
}

interface Signing {
  readonly by?: 'good' | 'foreign' | 'expired' | 'narrow';
  readonly x5u?: string;
  readonly caller?: string;
  readonly callee?: string;
  readonly atMs?: number;
}

function urlOf(name: string): string {
  return `https://certificates.example.org/${name}.pem`;
}

/** Whatever becomes of a connection that is meant to fail. */
function ignore<Each extends Socket>(socket: Each): Each {
  socket.on('error', () => undefined);
  return socket;
}

function dialTls(port: number, localAddress: string, options: ConnectionOptions): Socket {
  return ignore(connectByTls({ socket: connect({ host: '127.0.0.1', port, localAddress }), ...options })); // prettier-ignore
}

function inviteOverTls(callId: string): string {
  return [
    'INVITE sip:441@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TLS 127.0.0.11:5999;branch=z9hG4bK${callId};rport`,
    'Max-Forwards: 70',
    `From: <sip:${CALLER}@127.0.0.1>;tag=a`,
    'To: <sip:441@127.0.0.1>',
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:${CALLER}@127.0.0.11:5999;transport=tls>`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

function upgrade(path: string, more: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`;
}
