#!/usr/bin/env bash
# What: rtpengine writes SDES keys without the padding of base64, and libre (baresip) then reads other keys than were offered.
# Version: rtpengine 10.5.3.5-1+deb12u1 and libre 1.1.0-1+b2 (Debian 12; baresip 1.0.0 decodes keys with it), NG protocol in JSON.
#
# A plain offer goes out as SRTP with one line of key for each suite. RFC 4568 §6.1 has readers discard the padding of a key, so that one
# without is the same key; libre's base64_decode loses the one or two bytes behind the last whole group of four characters, and says nothing
# of it. The keys of AES_CM_128 have 30 bytes and need no padding, so those calls are heard; all others, the AES-GCM that rtpengine offers
# first among them, are a byte or two short, and it decrypts with another salt: the call stands, and one side hears nothing
# ("failed to decrypt"). Who relays to baresip asks rtpengine for `SDES: [pad]`.
#
# Seen: AEAD_AES_256_GCM 42 of 44 bytes, AEAD_AES_128_GCM 27 of 28, AES_256_CM 45 of 46, AES_192_CM 36 of 38, AES_CM_128 whole; with
# `pad` all whole.
set -euo pipefail
folder=$(mktemp -d)
relay=
trap '[ -z "$relay" ] || kill "$relay" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p archives/partial root
apt-get -qq install -y -o APT::Sandbox::User=root --download-only --reinstall -o Dir::Cache::archives="$folder/archives" \
  rtpengine-daemon=10.5.3.5-1+deb12u1 libre0=1.1.0-1+b2 >/dev/null
for package in archives/*.deb; do dpkg-deb -x "$package" root; done
cat >keys.py <<'PY'
import base64, ctypes, json, re, socket, sys
libre = ctypes.CDLL('libre.so.0')
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
control.settimeout(0.2)
asked = 0
def ask(command, tries=50):
    global asked
    asked += 1
    for _ in range(tries):
        control.sendto(f'{asked} {json.dumps(command)}'.encode(), ('127.0.0.1', 31223))
        try:
            return json.loads(control.recv(65535).decode().split(' ', 1)[1])
        except (TimeoutError, ConnectionError):
            pass
    raise SystemExit('rtpengine does not answer')
def read_by_libre(text):
    out, size = ctypes.create_string_buffer(256), ctypes.c_size_t(256)
    error = libre.base64_decode(text.encode(), ctypes.c_size_t(len(text)), out, ctypes.byref(size))
    return out.raw[: size.value] if error == 0 else b''
sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
def keys(name, **more):
    offered = ask({'command': 'offer', 'call-id': name, 'from-tag': 'a', 'sdp': sdp, 'transport protocol': 'RTP/SAVP', 'DTLS': 'off', **more})
    for suite, text in re.findall(r'^a=crypto:\d+ (\S+) inline:([^|\s]+)', offered['sdp'], re.M):
        key = base64.b64decode(text + '=' * (-len(text) % 4))
        yield suite, key, read_by_libre(text)
ask({'command': 'ping'})
lost = []
for suite, key, read in keys('as it comes'):
    print(f'{suite}: libre reads {len(read)} of {len(key)} bytes')
    if read != key:
        lost.append(suite)
padded = list(keys('padded', SDES=['pad']))
print(f'with pad: {sum(read == key for _, key, read in padded)} of {len(padded)} keys are read whole')
gcm = [suite for suite in lost if 'GCM' in suite]
holds = len(gcm) == 2 and not any(suite.startswith('AES_CM_128') for suite in lost) and padded and all(read == key for _, key, read in padded)
sys.exit(0 if holds else 1)
PY
libraries=$(find root -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
LD_LIBRARY_PATH=$libraries root/usr/bin/rtpengine --config-file=none --table=-1 \
  --foreground --log-stderr --log-level=4 --interface=127.0.0.1 --listen-ng=127.0.0.1:31223 --port-min=31300 --port-max=31400 2>log &
relay=$!
LD_LIBRARY_PATH=$libraries python3 keys.py || { cat log; echo 'the finding does not hold any more' >&2; exit 1; }
