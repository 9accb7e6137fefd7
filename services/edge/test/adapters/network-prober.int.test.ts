import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { SipRequest, UdpTransport, parseMessage, responseTo, serialize } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { networkProber } from '../../src/adapters/network-prober.ts';
import { answerProbe } from '../../src/core/network/network-probe.ts';
import { judge } from '../../src/core/network/network-verdict.ts';
import { Sealer } from '../../src/core/marks/seal.ts';
import { hideTcp, hideUdp } from '../support/hiding-relay.ts';

const sealer = new Sealer([Buffer.alloc(32, 7)]);
const probe = networkProber(sealer);
const address = '127.0.0.1';

type Answer = (
  request: SipRequest,
  source: { address: string; port: number },
) => SipResponse | undefined;

const asPod: Answer = (request, source) => answerProbe(request, { source, pod: 'edge-2', sealer });

async function udpPod(context: TestContext, answer: Answer = asPod): Promise<number> {
  const transport = await UdpTransport.bind({
    address,
    listener: {
      onMessage: (message, { source }) => {
        const response = message instanceof SipRequest ? answer(message, source) : undefined;
        if (response !== undefined)
          transport.send(serialize(response), source.address, source.port);
      },
    },
  });
  context.after(() => transport.close());
  return transport.local.port;
}

async function tcpPod(context: TestContext): Promise<number> {
  const server = createServer((connection) => {
    connection.on('data', (bytes) => {
      const { remoteAddress = '', remotePort = 0 } = connection;
      const message = parseMessage(bytes);
      if (!(message instanceof SipRequest)) return;
      const response = asPod(message, { address: remoteAddress, port: remotePort });
      if (response !== undefined) connection.write(serialize(response));
    });
    connection.on('error', () => undefined);
  });
  server.listen({ host: address, port: 0 });
  await once(server, 'listening');
  context.after(() => server.close());
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

test('CALL-07 over UDP an open way shows the source as it is', async (context) => {
  const port = await udpPod(context);
  const finding = judge(await probe({ transport: 'udp', host: address, port }));
  assert.deepEqual(
    [finding.source, finding.leadsHere, finding.answeredBy],
    ['preserved', 'yes', 'edge-2'],
  );
  assert.equal(finding.sentFrom, finding.seenFrom);
});

test('CALL-07 over UDP a relay that sends in its own name is found, even from the same address', async (context) => {
  const relay = await hideUdp(address, { address, port: await udpPod(context) });
  context.after(() => relay.close());
  const finding = judge(await probe({ transport: 'udp', host: address, port: relay.port }));
  assert.deepEqual([finding.source, finding.leadsHere], ['hidden', 'yes']);
  assert.notEqual(finding.sentFrom, finding.seenFrom);
});

test('CALL-07 over TCP an open way shows the source as it is, and a relay is found', async (context) => {
  const port = await tcpPod(context);
  const open = judge(await probe({ transport: 'tcp', host: address, port }));
  assert.deepEqual([open.source, open.leadsHere, open.transport], ['preserved', 'yes', 'tcp']);
  const relay = await hideTcp({ address, port: 0 }, { address, port });
  context.after(() => relay.close());
  const finding = judge(await probe({ transport: 'tcp', host: address, port: relay.port }));
  assert.deepEqual([finding.source, finding.leadsHere], ['hidden', 'yes']);
});

test('CALL-07 an answer that leaves from another socket does not lead here', async (context) => {
  const other = createSocket('udp4');
  other.bind({ address, port: 0 });
  await once(other, 'listening');
  context.after(() => other.close());
  const port = await udpPod(context, (request, source) => {
    const response = asPod(request, source);
    if (response !== undefined) other.send(serialize(response), source.port, source.address);
    return undefined;
  });
  const finding = judge(await probe({ transport: 'udp', host: address, port }));
  assert.deepEqual([finding.source, finding.leadsHere], ['preserved', 'no']);
  assert.equal(finding.answeredFrom, `${address}:${String(other.address().port)}`);
});

test('CALL-07 another SIP server at the advertised address is told, a draining switch is not mistaken for one', async (context) => {
  const foreign = await udpPod(context, (request) => responseTo(request, 404, 'Not Found'));
  const finding = judge(await probe({ transport: 'udp', host: address, port: foreign }));
  assert.deepEqual([finding.source, finding.leadsHere], ['undecided', 'no']);
  assert.match(finding.text, /something else answers there \(404 Not Found\)/);
  const away = await udpPod(context, (request) => responseTo(request, 503, 'Service Unavailable'));
  const silent = judge(await probe({ transport: 'udp', host: address, port: away }));
  assert.deepEqual([silent.source, silent.leadsHere], ['undecided', 'undecided']);
});

test('CALL-07 a closed port and an unknown name are told', async (context) => {
  const server = createServer();
  server.listen({ host: address, port: 0 });
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  server.close();
  await once(server, 'close');
  context.diagnostic(`port ${String(port)} was free`);
  const refused = judge(await probe({ transport: 'tcp', host: address, port }));
  assert.deepEqual([refused.source, refused.leadsHere], ['undecided', 'no']);
  assert.match(refused.text, /ECONNREFUSED/);
  const unknown = judge(await probe({ transport: 'udp', host: 'nowhere.invalid', port: 5060 }));
  assert.match(unknown.text, /nowhere\.invalid is not known to the name service/);
});
