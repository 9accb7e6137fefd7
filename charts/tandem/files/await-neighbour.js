// Before a front is stopped: goes on for some seconds, then until the other front of its node is ready to have the SIP port alone.
const { createServer } = require('node:net');
const [port, seconds] = process.argv.slice(1);
const own = process.env.TANDEM_ADMIN_LISTEN.split(':').at(-1);
const address = process.env.POD_IP.includes(':') ? `[${process.env.POD_IP}]` : process.env.POD_IP;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isReady = () =>
  fetch(`http://${address}:${port}/readyz`, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
// An upgrade stops both at once. They go one after the other by a name in the network of their node, which is free again when this ends.
const takesTurn = () =>
  new Promise((resolve) => {
    const turn = createServer().unref();
    turn.once('error', () => resolve(false));
    turn.listen(`\0tandem-front-${Math.min(port, own)}`, () => resolve(true));
  });
(async () => {
  await pause(seconds * 1000);
  // Longer than a new one takes to start; where it is gone for good, nothing is gained by waiting.
  const limit = Date.now() + 20_000;
  while (!(await takesTurn()) && Date.now() < limit) await pause(200);
  // For two seconds: one whose turn is just over looks ready until it is told to stop.
  let times = 0;
  while (times < 10 && Date.now() < limit) {
    times = (await isReady()) ? times + 1 : 0;
    await pause(200);
  }
})();
