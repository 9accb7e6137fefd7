#!/usr/bin/env bash
# What: rtpengine counts the packets of a second fork of a call under the To tag of the first.
# Version: rtpengine 10.5.3.5-1+deb12u1 (Debian 12), user space, NG protocol in JSON.
#
# One offer, then an answer of each of two forks with a To tag of its own, as a forking carrier gives them: each answer gives the caller
# another port, so that one would take the tags of `query` for the forks. But the port that the offer gave away is the first fork's. What
# the second sends there is counted for the first, whose endpoint becomes the second's address; the second's own stream, which has a
# port that nobody was told of, stays at none. The direction from the caller is right. Who wants figures of a fork has to take them by
# the port, not by the tag, or make an offer for each fork (`via-branch`).
#
# Seen: 50 packets of the second fork: 50 under the first's tag, 0 under its own.
set -euo pipefail
version=10.5.3.5-1+deb12u1
folder=$(mktemp -d)
relay=
trap '[ -z "$relay" ] || kill "$relay" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p archives/partial root
apt-get -qq install -y -o APT::Sandbox::User=root --download-only --reinstall -o Dir::Cache::archives="$folder/archives" rtpengine-daemon="$version" >/dev/null
for package in archives/*.deb; do dpkg-deb -x "$package" root; done
cat >calls.mjs <<'JS'
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
const bound = () =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => resolve(socket));
  });
const [control, caller, first, second] = await Promise.all([bound(), bound(), bound(), bound()]);
let asked = 0;
function ask(command, waitMs = 2000) {
  const cookie = `${process.pid}-${asked++}`;
  control.send(`${cookie} ${JSON.stringify({ 'call-id': 'forked', ...command })}`, 31223, '127.0.0.1');
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`${command.command}: no answer`)), waitMs);
    control.on('message', (data) => {
      const text = String(data);
      if (text.startsWith(cookie)) resolve(JSON.parse(text.slice(cookie.length + 1)));
    });
  });
}
for (let tries = 0; ; tries++) {
  const isUp = await ask({ command: 'ping' }, 200).then(() => true, () => false);
  if (isUp) break;
  if (tries === 50) throw new Error('rtpengine does not answer');
}
const sdpOf = (socket) =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${socket.address().port} RTP/AVP 0\r\n`;
const portOf = ({ sdp }) => Number(/m=audio (\d+)/.exec(sdp)[1]);
let sequence = 1;
function rtp(socket, port, source) {
  const packet = Buffer.alloc(172);
  packet[0] = 0x80;
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(160 * sequence++, 4);
  packet.writeUInt32BE(source, 8);
  socket.send(packet, port, '127.0.0.1');
}
const offered = await ask({ command: 'offer', 'from-tag': 'caller', sdp: sdpOf(caller) });
await ask({ command: 'answer', 'from-tag': 'caller', 'to-tag': 'first', sdp: sdpOf(first) });
const answered = await ask({ command: 'answer', 'from-tag': 'caller', 'to-tag': 'second', sdp: sdpOf(second) });
for (let at = 0; at < 50; at++) {
  rtp(second, portOf(offered), 222);
  rtp(caller, portOf(answered), 111);
  await sleep(10);
}
const { tags } = await ask({ command: 'query' });
const packets = (tag) => tags[tag].medias[0].streams[0].stats.packets;
console.log(`from the caller ${packets('caller')}, first fork (silent) ${packets('first')}, second fork (sent 50) ${packets('second')}`);
process.exit(packets('first') > 0 && packets('second') === 0 ? 0 : 1);
JS
LD_LIBRARY_PATH=$(find root -name '*.so*' -printf '%h\n' | sort -u | paste -sd:) root/usr/bin/rtpengine --config-file=none --table=-1 \
  --foreground --log-stderr --log-level=4 --interface=127.0.0.1 --listen-ng=127.0.0.1:31223 --port-min=31300 --port-max=31400 2>log &
relay=$!
node calls.mjs || { cat log; echo 'the finding does not hold any more' >&2; exit 1; }
