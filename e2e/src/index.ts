export { freePort, freePorts, isUdpPortBound } from './free-ports.ts';
export { ManagedProcess } from './managed-process.ts';
export { Carrier, placeCalls } from './sipp.ts';
export type { SippCounts, SippResult } from './sipp.ts';
export { until } from './until.ts';
