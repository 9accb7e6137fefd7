#!/usr/bin/env bash
# What: a server of grpc-js that has its certificates from FileWatcherCertificateProvider closes every connection from the moment on in which
#   key and certificate in its files do not fit together, or one of them is gone, until they do again and it has looked.
# Version: @grpc/grpc-js 1.14.7 on Node 24.
#
# Whoever renews a certificate writes two files, one after the other. The provider reads both by a timer and hands on what it finds: null where one
# cannot be read, a pair that does not fit where only one is new. The server cannot make a context of that and then has none: it destroys each
# socket as it comes, without a word in TLS, although the certificate that it had was still good. The timer is not unref'd, either: a
# process with a client that is not closed does not end. A provider of one's own (experimental.CertificateProvider) that checks the pair
# before it hands it on keeps the old one instead. It must tell its listeners later than at once: what is told while the server adds itself is lost.
#
# Seen: 1 of 1 connections before the new key is written, 0 of 1 after it, 1 of 1 once its certificate is there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error node@24 @grpc/grpc-js@1.14.7 >/dev/null
for name in first second; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -days 2 -keyout $name.key -out $name.crt 2>/dev/null
done
cat first.crt second.crt >ca.crt
cp first.key tls.key
cp first.crt tls.crt
cat >measure.cjs <<'JS'
const { copyFileSync, readFileSync } = require('node:fs');
const { connect } = require('node:tls');
const { Server, experimental, setLogVerbosity, logVerbosity } = require('@grpc/grpc-js');
setLogVerbosity(logVerbosity.NONE);
const later = () => new Promise((resolve) => setTimeout(resolve, 300));
const files = { certificateFile: 'tls.crt', privateKeyFile: 'tls.key', caCertificateFile: 'ca.crt' };
const watcher = new experimental.FileWatcherCertificateProvider({ ...files, refreshIntervalMs: 50 });
const server = new Server();
const credentials = experimental.createCertificateProviderServerCredentials(watcher, watcher, true);
server.bindAsync('localhost:0', credentials, async (_error, port) => {
  const connects = () =>
    new Promise((resolve) => {
      const own = { cert: readFileSync('first.crt'), key: readFileSync('first.key') };
      const socket = connect({ host: 'localhost', port, ca: readFileSync('ca.crt'), ...own }, () => resolve(1));
      socket.on('error', () => resolve(0));
      socket.on('close', () => resolve(0));
    });
  const seen = [];
  await later();
  seen.push(await connects());
  copyFileSync('second.key', 'tls.key');
  await later();
  seen.push(await connects());
  copyFileSync('second.crt', 'tls.crt');
  await later();
  seen.push(await connects());
  console.log(`${seen[0]} of 1 before the new key, ${seen[1]} of 1 after it, ${seen[2]} of 1 with its certificate`);
  process.exit(seen.join() === '1,0,1' ? 0 : 1);
});
JS
node_modules/.bin/node measure.cjs || { echo 'the finding does not hold any more' >&2; exit 1; }
