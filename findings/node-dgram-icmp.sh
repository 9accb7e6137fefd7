#!/usr/bin/env bash
# What: a UDP socket of Node hears of "port unreachable" only where it is connected.
# Version: Node 24.21 on Linux.
#
# Linux keeps the error of an ICMP message for the socket that sent the datagram. One that is not connected would have to ask for it
# (IP_RECVERR), which Node does not: it sends to a closed port for ever, without an error. One that is connected gets ECONNREFUSED as an
# 'error' event, or in the callback of the next send. A check of whether a SIP peer is there can therefore not use the socket that SIP runs
# on: it needs one of its own, connected, and sends twice.
#
# Seen: unconnected: 3 sends, 0 errors; connected: 3 sends, 3 times ECONNREFUSED.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/icmp.mjs" <<'JS'
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const closed = createSocket('udp4').bind(0, '127.0.0.1');
await once(closed, 'listening');
const { port } = closed.address();
closed.close();
await once(closed, 'close');

for (const isConnected of [false, true]) {
  const socket = createSocket('udp4');
  const errors = [];
  socket.on('error', ({ code }) => errors.push(code));
  if (isConnected) {
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
  }
  for (let times = 0; times < 3; times++) {
    const done = (error) => error && errors.push(error.code);
    if (isConnected) socket.send('x', done);
    else socket.send('x', port, '127.0.0.1', done);
    await sleep(50);
  }
  console.log(isConnected ? 'connected:' : 'unconnected:', '3 sends,', String(errors.length), 'errors', errors.join(' '));
  socket.close();
}
JS
node "$folder/icmp.mjs"
