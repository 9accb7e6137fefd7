#!/usr/bin/env bash
# What: each connection of KafkaJS wakes its process a thousand times a second, for good, from its first answer on.
# Version: kafkajs 2.2.4 on Node 20 and 24.
#
# Whenever a request is answered the queue of the connection schedules a look at the requests that wait. Where the broker has not asked
# for a pause the time of that look lies in the past; a timer in the past fires after a millisecond (Node warns of it:
# TimeoutNegativeWarning), and the look schedules the next one, whether anything waits or not. A consumer has several connections: a
# process that does nothing takes several percent of a core. No option turns it off. Scheduling a look only while something waits
# misses nobody: who begins to wait schedules one as well.
#
# Seen: 894 looks in a second after the only request is answered, 0 with that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error kafkajs@2.2.4 >/dev/null
cat >measure.cjs <<'JS'
const RequestQueue = require('kafkajs/src/network/requestQueue');
async function looksInASecond() {
  const queue = new RequestQueue({ maxInFlightRequests: null, requestTimeout: 1000, logger: { debug() {} } });
  const entry = { correlationId: 1, resolve() {}, reject() {} };
  queue.push({ entry, expectResponse: true, sendRequest() {} });
  queue.fulfillRequest({ correlationId: 1, payload: {}, size: 1 });
  let looks = 0;
  const look = queue.checkPendingRequests.bind(queue);
  queue.checkPendingRequests = () => ((looks += 1), look());
  await new Promise((resolve) => setTimeout(resolve, 1000));
  queue.destroy();
  return looks;
}
(async () => {
  const before = await looksInASecond();
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this);
  };
  const after = await looksInASecond();
  console.log(`node ${process.version}: ${before} looks in a second with nothing to do, ${after} when mended`);
  process.exit(before > 100 && after === 0 ? 0 : 1);
})();
JS
node --disable-warning=TimeoutNegativeWarning measure.cjs || { echo 'the finding does not hold any more' >&2; exit 1; }
