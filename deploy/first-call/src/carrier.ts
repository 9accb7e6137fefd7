// Answers every call: CARRIER_ADDRESS=192.0.2.20 CARRIER_PORT=5070 node deploy/first-call/src/carrier.ts
import { AnsweringCarrier } from './answering-carrier.ts';

const address = process.env['CARRIER_ADDRESS'] ?? '127.0.0.1';
const carrier = await AnsweringCarrier.listen({
  address,
  port: Number(process.env['CARRIER_PORT'] ?? '5070'),
});
console.log(JSON.stringify({ carrier: carrier.local }));
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // It keeps nothing that could be lost.
  process.on(signal, () => void carrier.close());
}
