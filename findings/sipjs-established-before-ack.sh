#!/usr/bin/env bash
# What: who is called is "Established" for SIP.js once its 2xx is sent, not when the ACK has come. A re-INVITE made in that state before
#       the ACK (a hold by a page that waits for "Established") is sent all the same, and when the ACK of the first INVITE then arrives
#       SIP.js takes it for one without its answer and ends the call itself: BYE with Reason 488. RFC 3261 §14.1 forbids such a re-INVITE.
# Version: sip.js 0.21.2 on Node 20 and 24.
#
# For a switch it looks as though the callee hung up a few ms after it answered, now and then only, since mostly the ACK is faster.
# A page has to wait for the session's delegate onAck.
#
# Seen: after the 200, without an ACK: state Established, and an INVITE on the wire; after the ACK: BYE, Reason SIP;cause=488. With the
# ACK first: no BYE.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error sip.js@0.21.2 ws@8.18.3 >/dev/null
cat >measure.cjs <<'JS'
const { WebSocketServer, WebSocket } = require('ws');
globalThis.WebSocket = WebSocket;
const { UserAgent } = require('sip.js');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const description = { body: 'v=0\r\n', contentType: 'application/sdp' };
/** Media of which nothing is asked but that it is there. */
const media = () => ({
  close() {},
  getDescription: async () => description,
  hasDescription: (type) => type === 'application/sdp',
  rollbackDescription: async () => undefined,
  setDescription: async () => undefined,
  sendDtmf: () => false,
});
const line = (message, name) => message.match(new RegExp(`^${name}: .*$`, 'm'))?.[0].trim();

/** @returns what the called page sends, and its state when it holds */
async function callHeld(waitsForAck) {
  const received = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const connected = new Promise((resolve) => server.once('connection', resolve));
  await new Promise((resolve) => server.once('listening', resolve));
  const states = [];
  const agent = new UserAgent({
    uri: UserAgent.makeURI('sip:2002@example.net'),
    transportOptions: { server: `ws://127.0.0.1:${server.address().port}` },
    sessionDescriptionHandlerFactory: media,
    logBuiltinEnabled: false,
    delegate: {
      onInvite(session) {
        const hold = () => {
          states.push(session.state);
          session.invite().catch(() => undefined);
        };
        if (waitsForAck) session.delegate = { onAck: hold };
        else session.stateChange.addListener((state) => state === 'Established' && hold());
        session.accept();
      },
    },
  });
  await agent.start();
  const socket = await connected;
  socket.on('message', (data) => received.push(String(data)));
  const head = (method, branch, to) => [
    `${method} sip:2002@example.invalid SIP/2.0`,
    `Via: SIP/2.0/WS caller.invalid;branch=z9hG4bK${branch}`,
    'Max-Forwards: 70',
    'From: <sip:2001@example.net>;tag=caller',
    to,
    'Call-ID: held@example.net',
    `CSeq: 1 ${method}`,
  ];
  const sdp = 'v=0\r\n';
  const invite = [...head('INVITE', 'one', 'To: <sip:2002@example.net>'), 'Contact: <sip:2001@caller.invalid;transport=ws>'];
  socket.send([...invite, 'Content-Type: application/sdp', `Content-Length: ${sdp.length}`, '', sdp].join('\r\n'));
  const answer = async () => {
    for (;;) {
      const found = received.find((each) => each.startsWith('SIP/2.0 200'));
      if (found) return found;
      await pause(10);
    }
  };
  const to = line(await answer(), 'To');
  await pause(100);
  socket.send([...head('ACK', 'two', to), 'Content-Length: 0', '', ''].join('\r\n'));
  await pause(300);
  const requests = received.filter((each) => !each.startsWith('SIP/2.0'));
  const bye = requests.find((each) => each.startsWith('BYE'));
  socket.terminate();
  server.close();
  const reason = bye === undefined ? 'no BYE' : (line(bye, 'Reason') ?? '').match(/cause=\d+/)?.[0];
  return { state: states[0], sent: requests.map((each) => each.split(' ')[0]), reason };
}

(async () => {
  const seen = [await callHeld(false), await callHeld(true)];
  console.log(`node ${process.version}: ${JSON.stringify(seen)}`);
  const expected = [
    { state: 'Established', sent: ['INVITE', 'BYE'], reason: 'cause=488' },
    { state: 'Established', sent: ['INVITE'], reason: 'no BYE' },
  ];
  process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
})();
JS
node measure.cjs || { echo 'the finding does not hold any more' >&2; exit 1; }
