import type { Attempt, CallEvent } from '@tandem/proto/events';

/** What became of an attempt, as traffic is judged by it. */
export const attemptOutcomes = ['answered', 'cancelled', 'declined', 'failed'] as const;
type AttemptOutcome = (typeof attemptOutcomes)[number];

/** What one attempt of a finished call says of its routing gateway. */
export interface GatewayFigure {
  readonly gateway: string;
  /** Its prefix by which the call was routed. @default nobody says */
  readonly prefix?: string | undefined;
  readonly outcome: AttemptOutcome;
  /** From the INVITE to the first ringing, or to the answer where nothing rang before. @default it did not come so far */
  readonly postDialSeconds?: number;
  /** How long was talked; 0 where it was not answered. */
  readonly talkSeconds: number;
}

type Call = Pick<CallEvent, 'answeredMs' | 'attempts' | 'endedMs' | 'ringingMs'>;

/** Attempts at gateways in the order of the event; those at phones here say nothing of a carrier. */
export function gatewayFigures(call: Call): readonly GatewayFigure[] {
  const last = call.attempts.at(-1);
  return call.attempts
    .filter(({ contact, gateway }) => contact === undefined && isGateway(gateway))
    .map((attempt) => {
      const isLast = attempt === last;
      const isAnswered = isLast && call.answeredMs > 0;
      const rangMs = call.ringingMs > 0 ? call.ringingMs : call.answeredMs;
      return {
        gateway: attempt.gateway,
        ...(attempt.prefix === undefined ? {} : { prefix: attempt.prefix }),
        outcome: isAnswered ? 'answered' : outcomeOf(attempt),
        talkSeconds: isAnswered ? Math.max(0, call.endedMs - call.answeredMs) / 1000 : 0,
        ...(isLast && rangMs >= attempt.startedMs && rangMs > 0
          ? { postDialSeconds: (rangMs - attempt.startedMs) / 1000 }
          : {}),
      };
    });
}

/** A phone is `phone NAME`; names of gateways have no blank. */
function isGateway(name: string): boolean {
  return name !== '' && !name.includes(' ');
}

/** ITU-T E.425: what the called side or its number is at fault for, the network is not. */
const DECLINED = new Set([404, 410, 480, 484, 486, 600, 603, 604]);

function outcomeOf({ code, reason }: Attempt): AttemptOutcome {
  if (reason === 'CallerCancelled' || code === 487) return 'cancelled';
  return DECLINED.has(code) ? 'declined' : 'failed';
}
