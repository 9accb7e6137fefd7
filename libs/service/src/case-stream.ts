import { SwitchError } from '@tandem/domain';
import { openBatchStream } from './batch-stream-client.ts';
import type { Batch } from './batch-stream-server.ts';
import type { OpenStream } from './grpc-stream.ts';
import type { Logger } from './logger.ts';

/** One of several messages, as ts-proto writes a `oneof`. */
interface Case {
  readonly $case: string;
  readonly value: unknown;
}

type Of<Message extends Case, Name extends string> = Extract<Message, { readonly $case: Name }>;

/** How questions of several kinds travel over one batched stream. */
export interface CaseStreamSettings<Request extends Case, Response extends Case> {
  /** The service behind it, for log, metrics and errors: `registrar`. */
  readonly name: string;
  /** Opens a stream: `grpcStreams(RegistrarServiceService.registrarStream, address)`. */
  readonly open: OpenStream<
    Batch<{ id: number; request?: Request | undefined }>,
    Batch<{ id: number; response?: Response | undefined }>
  >;
  readonly logger: Logger;
  /** As that of `openBatchStream`. */
  readonly deadlineMs: number;
  /** Kinds that may be asked twice: `mayRepeat` of `openBatchStream`. */
  readonly repeated: readonly Request['$case'][];
}

/** A batched stream of questions, each of which has an answer of its own kind. */
export interface CaseStream<Request extends Case, Response extends Case> {
  /** @throws SwitchError as `openBatchStream` does, SWITCH_SERVICE_UNAVAILABLE too where the answer is an error or of another kind */
  ask<Name extends Request['$case'] & Response['$case']>(
    request: Of<Request, Name> & { readonly $case: Name },
  ): Promise<Of<Response, Name>['value']>;
  /** As that of `BatchStream`. */
  untilUp(timeoutMs: number): Promise<boolean>;
  close(): void;
}

/** Opens a batched stream of a service that is asked several things. */
export function openCaseStream<Request extends Case, Response extends Case>(
  settings: CaseStreamSettings<Request, Response>,
): CaseStream<Request, Response> {
  const { name, repeated } = settings;
  const stream = openBatchStream({
    ...settings,
    toItem: (id, request: Request) => ({ id, request }),
    fromItem: ({ response }) => response,
    mayRepeat: ({ request }) => request !== undefined && repeated.includes(request.$case),
  });
  return {
    ask: async (request) => {
      const response = await stream.request(request);
      if (response?.$case === request.$case) return response.value;
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `${name}: ${insteadOf(response)}`);
    },
    untilUp: (timeoutMs) => stream.untilUp(timeoutMs),
    close: () => {
      stream.close();
    },
  };
}

/** What came in place of an answer. */
function insteadOf(
  response: { readonly $case: string; readonly value: unknown } | undefined,
): string {
  if (response === undefined) return 'no answer';
  return response.$case === 'error' ? String(response.value) : 'the answer is of another kind';
}
