import { SpanStatusCode, startSpan, traceParentOf } from '@tandem/telemetry';
import type { Span } from '@tandem/telemetry';
import { edgeTracer } from '../telemetry.ts';

/** The span of an INVITE in this pod, from its arrival until its fate is known. */
export class CallSpan {
  /** Of the trace that other services go on with; '' while telemetry is off. */
  readonly traceParent: string;
  readonly #span: Span;

  /** @param adopted trace of the pod that began the call, which goes on here */
  constructor(adopted?: string) {
    this.#span = startSpan(edgeTracer, { name: 'edge.call', parent: adopted });
    this.traceParent = adopted ?? traceParentOf(this.#span);
  }

  /** @param outcome `answered`, `challenged`, `left`, `lost`, or the reason why the call has failed */
  end(callId: string, outcome: string): void {
    this.#span.setAttribute('tandem.outcome', outcome);
    this.#span.setAttribute('tandem.call_id', callId);
    if (outcome !== 'answered' && outcome !== 'challenged') {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    }
    this.#span.end();
  }
}
