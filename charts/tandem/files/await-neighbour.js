// Before a front is stopped: goes on for some seconds, then until the other front of its node is ready to have the SIP port alone.
const [port, seconds] = process.argv.slice(1);
const address = process.env.POD_IP.includes(':') ? `[${process.env.POD_IP}]` : process.env.POD_IP;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isReady = () =>
  fetch(`http://${address}:${port}/readyz`, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
(async () => {
  await pause(seconds * 1000);
  // Longer than a new one takes to start; where it is gone for good, nothing is gained by waiting.
  const limit = Date.now() + 20_000;
  while (!(await isReady()) && Date.now() < limit) await pause(200);
})();
