#!/usr/bin/env bash
# What: SIPp matches a response to what its scenario waits for by Call-ID and code alone, not by CSeq or branch. The challenge of an INVITE
#       that was sent twice, come late, is answered as though it were one of the INVITE that carries the credentials.
# Version: sip-tester 1:3.6.1-1+b2 (Debian 12).
#
# A server that keeps no state challenges each copy of an INVITE with a nonce of its own. Where the network, or the server, takes more than
# 500 ms, SIPp has sent the INVITE twice and gets two challenges: it answers both, so there are two INVITEs with credentials, both right,
# and two calls in the name of one. Seen as "unexpected message" and calls too many on slow machines only, it looks like a fault of the
# server. `start_txn` of a <send> with `response_txn` of each <recv> (and `ack_txn`) makes SIPp go by the branch.
#
# Seen: INVITEs with CSeq 1, 2, 3 where each answers the challenge before; with transactions named 1, 2.
set -euo pipefail
version=1:3.6.1-1+b2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p archives/partial root
apt-get -qq install -y -o APT::Sandbox::User=root --download-only --reinstall -o Dir::Cache::archives="$folder/archives" sip-tester="$version" >/dev/null
for package in archives/*.deb; do dpkg-deb -x "$package" root; done
cat >measure.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
const line = (message, name) => new RegExp(`^${name}: .*$`, 'm').exec(message)[0].trim();
const challenge = (nonce) => `Proxy-Authenticate: Digest realm="example",nonce="${nonce}",algorithm=MD5`;

/** What SIPp asks, with transactions named or not. @returns the CSeq numbers of its INVITEs */
async function invitesOf(isNamed) {
  const txn = (text) => (isNamed ? ` ${text}` : '');
  const message = (method, more = '') => `<![CDATA[
${method} sip:callee@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:caller@[local_ip]>;tag=[call_number]
To: <sip:callee@[remote_ip]>[peer_tag_param]
Call-ID: [call_id]
CSeq: [cseq] ${method}
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
${more}Content-Length: 0

]]>`;
  writeFileSync('scenario.xml', `<?xml version="1.0"?>
<scenario name="challenged">
  <send${txn('start_txn="first"')}>${message('INVITE')}</send>
  <recv response="407" auth="true"${txn('response_txn="first"')}/>
  <send${txn('ack_txn="first"')}>${message('ACK')}</send>
  <label id="answering"/>
  <send${txn('start_txn="second"')}>${message('INVITE', '[authentication]\n')}</send>
  ${isNamed ? '<recv response="407" optional="true" response_txn="first"/>' : ''}
  <recv response="100" optional="true"${txn('response_txn="second"')}/>
  <recv response="407" auth="true" optional="true" next="challenged"${txn('response_txn="second"')}/>
  <recv response="200" next="answered"${txn('response_txn="second"')}/>
  <label id="challenged"/>
  <send next="answering"${txn('ack_txn="second"')}>${message('ACK')}</send>
  <label id="answered"/>
  <send${txn('ack_txn="second"')}>${message('ACK')}</send>
</scenario>`);
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const numbers = [];
  let first;
  socket.on('message', (data, { port }) => {
    const request = String(data);
    if (!request.startsWith('INVITE')) return;
    const respond = (to, status, more = []) => {
      const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => line(to, name));
      const text = [`SIP/2.0 ${status}`, ...copied, `${line(to, 'To')};tag=server`, ...more, 'Content-Length: 0', '', ''];
      socket.send(text.join('\r\n'), port, '127.0.0.1');
    };
    numbers.push(Number(line(request, 'CSeq').split(' ')[1]));
    if (first === undefined) {
      first = request;
      respond(request, '407 Proxy Authentication Required', [challenge('one')]);
      return;
    }
    respond(request, '100 Trying');
    // That of the first INVITE's copy.
    if (numbers.length === 2) respond(first, '407 Proxy Authentication Required', [challenge('two')]);
    setTimeout(() => respond(request, '200 OK', [`Contact: <sip:callee@127.0.0.1:${socket.address().port}>`]), 300);
  });
  const sipp = spawn('root/usr/bin/sipp', ['-sf', 'scenario.xml', '-m', '1', '-nostdin', '-i', '127.0.0.1', '-au', 'caller', '-ap', 'secret', '-timeout', '5s', `127.0.0.1:${socket.address().port}`], { stdio: 'ignore' });
  await new Promise((resolve) => sipp.once('exit', resolve));
  socket.close();
  return numbers;
}

const seen = { plain: await invitesOf(false), named: await invitesOf(true) };
console.log(JSON.stringify(seen));
process.exit(JSON.stringify(seen) === JSON.stringify({ plain: [1, 2, 3], named: [1, 2] }) ? 0 : 1);
JS
export LD_LIBRARY_PATH=$(find root -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
node measure.mjs || { echo 'the finding does not hold any more' >&2; exit 1; }
