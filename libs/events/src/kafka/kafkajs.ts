import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';

export { kafkajs };

/** What is told here of the requests of one connection that wait or are under way. */
interface RequestQueue {
  /** They wait: for others to be answered, or since the broker has asked for a pause. */
  readonly pending: readonly unknown[];
  /** Looks at them again, soon. */
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

/**
 * From its first answer on each connection of KafkaJS sets a timer in the past, which fires after a millisecond, looks for requests that
 * wait, and sets the next one, for good: a process with nothing to do takes several percent of a core. Whoever begins to wait has a
 * look scheduled anyway, so that nobody is missed where one is scheduled only while somebody waits.
 */
function mendRequestQueue(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const { scheduleCheckPendingRequests: schedule } = prototype;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}

mendRequestQueue();
