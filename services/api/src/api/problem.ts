import type { Mistake } from '@tandem/config';
import { SwitchError, type SwitchErrorCode } from '@tandem/domain';
import type { FastifyError } from 'fastify';
import type { Removal } from '../core/removals.ts';

/** What a problem says beyond words, by its type. */
export interface ProblemFacts {
  readonly mistakes?: readonly Mistake[];
  readonly removals?: readonly Removal[];
  readonly allowRemoval?: number;
}

/** The body of every error (RFC 9457, application/problem+json). */
export interface Problem extends ProblemFacts {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened and what to do. */
  readonly detail: string;
}

/** An outcome of a request that its sender must expect; turned into a response by the server. */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(told: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(told.detail);
    this.name = 'ProblemError';
    this.problem = told;
    this.headers = headers;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  412: 'Another version is in effect',
  413: 'Too large',
  415: 'Unsupported format',
  422: 'Cannot be applied',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'A part of the switch is away',
};

const BREAKAGE: Partial<Record<SwitchErrorCode, number>> = {
  SWITCH_STORE_UNAVAILABLE: 503,
  SWITCH_SERVICE_UNAVAILABLE: 503,
  SWITCH_DEADLINE_EXCEEDED: 503,
  SWITCH_STOPPED: 503,
};

/** Builds a problem: `name` makes its type, which programs may compare. */
export function problem(
  status: number,
  name: string,
  detail: string,
  facts: ProblemFacts = {},
): Problem {
  return {
    type: `urn:tandem:problem:${name}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    ...facts,
  };
}

/** The same, to be thrown. */
export function fail(status: number, name: string, detail: string): ProblemError {
  return new ProblemError(problem(status, name, detail));
}

/** What the sender is told of an error; what is ours to find is in the log only. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof SwitchError && BREAKAGE[error.code] === 503) {
    return problem(503, 'unavailable', `${error.message}; try again shortly`);
  }
  // Another service found the request wrong: its words name what.
  if (error instanceof SwitchError && error.code === 'SWITCH_CONFIGURATION_INVALID') {
    return problem(400, 'invalid-request', error.message);
  }
  if (isFastifyError(error)) {
    const status = error.statusCode ?? 500;
    if (error.validation !== undefined) return problem(400, 'invalid-request', error.message);
    if (status === 413) return problem(413, 'too-large', 'the body is larger than this accepts');
    if (status === 415) {
      return problem(415, 'unsupported-format', 'send application/yaml or application/json');
    }
    if (status === 414) {
      return problem(400, 'invalid-request', 'a part of the path is longer than 100 characters');
    }
    if (status >= 400 && status < 500) return problem(status, 'invalid-request', error.message);
  }
  return problem(500, 'internal', 'the request failed inside the switch; the log says why');
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && 'statusCode' in error;
}
