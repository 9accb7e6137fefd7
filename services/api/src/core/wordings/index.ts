/**
 * All sentences by which the switch explains itself, as a set (OPS-09).
 *
 * A sentence names the cause first, in one line, with the value that decided it and where that value is set; evidence after it; what would
 * change it is a sentence of its own, with the command that does it between backticks, so that it can be pasted as it stands. Words are
 * those of operators: names of parameters and of fields of the configuration, and none of the code; no raw headers.
 *
 * | file              | what it has sentences for                                                              |
 * | ----------------- | -------------------------------------------------------------------------------------- |
 * | `auth.ts`         | who calls: addresses, challenges, passwords, suspensions, signatures                    |
 * | `routing.ts`      | accounts, money, rates, numbers, lines; gateways that are chosen or left out            |
 * | `candidate.ts`    | gateways that a rule of their own leaves out; calls per second                          |
 * | `number.ts`       | rules, lists and pools of numbers                                                      |
 * | `edge.ts`         | carriers' answers, time-outs, failover, media, ends by the switch                       |
 * | `ends.ts`         | how answered calls ended                                                               |
 * | `request.ts`      | requests that are no calls: refused by themselves, or dropped                           |
 * | `journal.ts`      | registrations and their ends, gateways on and off line                                  |
 * | `signatures.ts`   | what would change it that a signature was not accepted                                  |
 * | `parts.ts`        | services and stores that were away                                                      |
 * | `operation.ts`    | what operators did: signed in, were locked out                                         |
 * | `reasons.ts`      | each termination reason, where the decision behind it is not at hand                    |
 * | `agents.ts`         | what programs are known to do with challenges                                          |
 * | `network-remedies.ts` | what would change it that a gateway or its certificate cannot be reached or trusted  |
 * | `credential-remedies.ts` | what would change it that somebody is not let in, by what was sent                |
 * | `registration-remedies.ts` | what would change a REGISTER that cannot be followed                           |
 * | `remedies.ts`     | what would change each code that a carrier answers                                     |
 */
export { endOf } from './ends.ts';
export { journalWording, sentence } from './journal-sentences.ts';
export { awayPart, nameOfPart } from './parts.ts';
export { generalWording } from './reasons.ts';
export { isReasonHeader } from './remedies.ts';
export {
  calledBy,
  isGivenUp,
  recordedWording,
  said,
  sentenceOf,
  sentenceOfAttempt,
  valuesOf,
  wordingOf,
} from './sentences.ts';
export { hostOf, nameIn, readable, seconds } from './wording.ts';
