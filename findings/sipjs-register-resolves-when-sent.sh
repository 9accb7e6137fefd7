#!/usr/bin/env bash
# What: SIP.js' Registerer.register() is fulfilled when the REGISTER has been handed to the transport, not when it is answered; a
#       refusal fulfils it too. A second registration of one that is "Registered" changes no state either, so neither the promise nor
#       the state tells when a phone that has come back after a lost connection can be called again: only the delegate of that request.
# Version: sip.js 0.21.2 on Node 20 and 24.
#
# A page that dials its colleague, or tells its user "ready", in `.then` of register() is early by the digest's two round trips; it was
# seen as a phone that is registered again after its edge was killed, and now and then cannot be reached.
#
# Seen: fulfilled with 0 answers while the registrar is silent; after the first 200 one change of state (Registered), after the second
# none, but one onAccept for each.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error sip.js@0.21.2 ws@8.18.3 >/dev/null
cat >measure.cjs <<'JS'
const { WebSocketServer, WebSocket } = require('ws');
globalThis.WebSocket = WebSocket;
const { UserAgent, Registerer } = require('sip.js');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
(async () => {
  const held = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const request = String(data);
      const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => request.match(new RegExp(`^${name}: .*$`, 'm'))[0].trim());
      const to = `${request.match(/^To: .*$/m)[0].trim()};tag=registrar`;
      const contact = `${request.match(/^Contact: .*$/m)[0].trim().replace(/;expires=\d+/, '')};expires=600`;
      const answer = ['SIP/2.0 200 OK', ...copied, to, contact, 'Content-Length: 0', '', ''].join('\r\n');
      held.push(() => socket.send(answer));
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const agent = new UserAgent({
    uri: UserAgent.makeURI('sip:2001@example.net'),
    transportOptions: { server: `ws://127.0.0.1:${server.address().port}` },
    logBuiltinEnabled: false,
  });
  await agent.start();
  const registerer = new Registerer(agent);
  let states = 0;
  let accepted = 0;
  registerer.stateChange.addListener(() => (states += 1));
  const seen = [];
  for (let time = 1; time <= 2; time += 1) {
    await registerer.register({ requestDelegate: { onAccept: () => (accepted += 1) } });
    seen.push({ fulfilledWith: accepted - (time - 1) });
    while (held.length < time) await pause(10);
    held[time - 1]();
    await pause(200);
    seen.push({ accepted, states });
  }
  console.log(`node ${process.version}: ${JSON.stringify(seen)}`);
  const expected = [{ fulfilledWith: 0 }, { accepted: 1, states: 1 }, { fulfilledWith: 0 }, { accepted: 2, states: 1 }];
  process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
})();
JS
node measure.cjs || { echo 'the finding does not hold any more' >&2; exit 1; }
