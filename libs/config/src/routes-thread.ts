/** The thread of changed-snapshot.ts: its table is in shared memory, before and after. */
import { parentPort, workerData } from 'node:worker_threads';
import { changeRoutes, type RoutesJob } from './changed-snapshot.ts';
import { stepBack } from './step-back.ts';

stepBack(10);
parentPort?.postMessage(changeRoutes(workerData as RoutesJob));
