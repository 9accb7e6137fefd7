import type { ServerDuplexStream } from '@grpc/grpc-js';

/** One method of a generated service definition, as far as it is needed here. */
export interface MethodShape {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: never) => Buffer;
  readonly requestDeserialize: (value: Buffer) => unknown;
  readonly responseSerialize: (value: never) => Buffer;
  readonly responseDeserialize: (value: Buffer) => unknown;
}

/** A generated service definition such as `AuthServiceService`. */
export type ServiceShape = Readonly<Record<string, MethodShape>>;

/** The unary methods of a definition as functions that return promises. */
export type UnaryMethods<Definition> = {
  readonly [
    Name in keyof Definition as Definition[Name] extends UnaryShape ? Name : never
  ]: Definition[Name] extends MethodShape
    ? (
        request: RequestOf<Definition[Name]>,
        options?: UnaryOptions,
      ) => Promise<ResponseOf<Definition[Name]>>
    : never;
};

/** What the unary handlers of a server look like. */
export type UnaryHandlers<Definition> = {
  readonly [
    Name in keyof Definition as Definition[Name] extends UnaryShape ? Name : never
  ]: Definition[Name] extends MethodShape
    ? (request: RequestOf<Definition[Name]>) => Promise<ResponseOf<Definition[Name]>>
    : never;
};

/** What handles the bidirectional streams of a definition: one function per method. */
export type StreamHandlers<Definition> = {
  readonly [
    Name in keyof Definition as Definition[Name] extends DuplexShape ? Name : never
  ]: Definition[Name] extends MethodShape
    ? (
        call: ServerDuplexStream<RequestOf<Definition[Name]>, ResponseOf<Definition[Name]>>,
      ) => StreamSession
    : never;
};

/** One open stream on the serving side. */
export interface StreamSession {
  /** Answers what was received, then ends the stream; the other side opens another elsewhere. */
  close(): void;
}

/** What one call of a unary method may set otherwise than its client. */
export interface UnaryOptions {
  /** @default the client's deadline */
  readonly deadlineMs?: number;
}

interface UnaryShape {
  readonly requestStream: false;
  readonly responseStream: false;
}

interface DuplexShape {
  readonly requestStream: true;
  readonly responseStream: true;
}

type RequestOf<Method extends MethodShape> = ReturnType<Method['requestDeserialize']>;
type ResponseOf<Method extends MethodShape> = ReturnType<Method['responseDeserialize']>;
