#!/usr/bin/env bash
# What: once a side has answered with T.38, rtpengine offers it the next audio as "udptl t38".
# Version: rtpengine 10.5.3.5-1+deb12u1 (Debian 12), user space, NG protocol in JSON.
#
# Audio is offered, and the answer is an image by UDPTL, as of a fax machine that answers at once. Then the caller offers the same audio
# again. What rtpengine passes on keeps `m=audio` but has the protocol and the format of the last answer in that direction:
# `m=audio PORT udptl t38`, which is no description that anybody can take. `flags: [reset]` and `transport protocol: accept` change
# nothing; naming the protocol does (`transport protocol: RTP/AVP`), so who relays has to look at each offer that comes back, or
# always say it.
#
# Seen: "m=audio 31300 udptl t38" for an offer of "m=audio 4000 RTP/AVP 0"; with the protocol named "m=audio 31300 RTP/AVP 0".
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
const bound = () =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => resolve(socket));
  });
const control = await bound();
let asked = 0;
function ask(command, waitMs = 2000) {
  const cookie = `${process.pid}-${asked++}`;
  control.send(`${cookie} ${JSON.stringify({ 'call-id': 'fax', ...command })}`, 31223, '127.0.0.1');
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
const sdp = (media) => `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n${media}\r\n`;
const audio = sdp('m=audio 4000 RTP/AVP 0');
const image = sdp('m=image 4002 udptl t38');
const lineOf = ({ sdp: text }) => /^m=.*$/m.exec(text)[0];
const before = lineOf(await ask({ command: 'offer', 'from-tag': 'a', sdp: audio }));
await ask({ command: 'answer', 'from-tag': 'a', 'to-tag': 'b', sdp: image });
const again = { command: 'offer', 'from-tag': 'a', 'to-tag': 'b', sdp: audio };
const after = lineOf(await ask(again));
const reset = lineOf(await ask({ ...again, flags: ['reset'] }));
const named = lineOf(await ask({ ...again, 'transport protocol': 'RTP/AVP' }));
console.log([before, after, `reset: ${reset}`, `named: ${named}`].join('\n'));
const isLost = / udptl t38$/;
process.exit(isLost.test(after) && isLost.test(reset) && / RTP\/AVP 0$/.test(named) && / RTP\/AVP 0$/.test(before) ? 0 : 1);
JS
LD_LIBRARY_PATH=$(find root -name '*.so*' -printf '%h\n' | sort -u | paste -sd:) root/usr/bin/rtpengine --config-file=none --table=-1 \
  --foreground --log-stderr --log-level=4 --interface=127.0.0.1 --listen-ng=127.0.0.1:31223 --port-min=31300 --port-max=31400 2>log &
relay=$!
node calls.mjs || { cat log; echo 'the finding does not hold any more' >&2; exit 1; }
