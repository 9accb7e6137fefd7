import { leftOut, nameIn, readable, step, trouble } from './wording.ts';
import type { Wordings } from './wording.ts';

/** Why a routing gateway is left out of a call by a rule of its own, in words: a file for each in services/routing/src/core/rules. */
export const candidateWordings: Wordings<
  | 'gateway-not-for-caller'
  | 'cps-limit-reached'
  | 'gateway-cps-reached'
  | 'lines-reserved'
  | 'schedule-shut'
  | 'profit-too-low'
  | 'cost-too-high'
  | 'price-too-high'
  | 'vendor-out-of-funds'
  | 'gateway-throttled'
> = {
  'cps-limit-reached': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} may begin ${String(facts.callsPerSecond)} calls a second (callsPerSecond), and has just begun as many (${facts.calls})`,
      `Raise callsPerSecond of ${readable(subject)}, or let it call more slowly.`,
    ),
  'profit-too-low': (decision) => {
    const { price, cost, profit, lowestProfit } = decision.facts;
    return leftOut(
      decision,
      `it costs ${cost} a minute and the customer pays ${price}: the profit is ${profit}, and must be ${lowestProfit} at least (lowestProfit, or loss of the route policy)`,
      `Raise the customer's rate or agree on a lower cost with its vendor; lowestProfit, or loss: allow in the route policy, lets calls pass at a loss.`,
    );
  },
  'cost-too-high': (decision) => {
    const { cost, highest } = decision.facts;
    return leftOut(
      decision,
      `it costs ${cost} a minute, and may cost ${highest} (highestPricePerMinute)`,
      `Raise highestPricePerMinute of ${readable(decision.subject)}, or leave the number to a cheaper gateway.`,
    );
  },
  'price-too-high': ({ subject, facts }) =>
    trouble(
      `the price of ${facts.price} a minute is more than ${readable(subject)} may pay, ${facts.highest} (highestPricePerMinute)`,
      `Raise highestPricePerMinute of ${readable(subject)}, or lower the rate.`,
    ),
  'vendor-out-of-funds': (decision) => {
    const { account, balance, overdraft } = decision.facts;
    return leftOut(
      decision,
      `its vendor ${account} has ${balance} left and an overdraft of ${overdraft} (SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT)`,
      `Book a payment to the vendor (\`tandem accounts pay ${account} AMOUNT --reference R\`), or raise its overdraft.`,
    );
  },
  'gateway-throttled': (decision) => {
    const { attempts, failed, share, since, then } = decision.facts;
    const cause = `it is throttled to ${share} of its calls since ${since}, as ${String(failed)} of ${String(attempts)} had failed (throttle, SS_GATEWAY_THROTTLE_FAILURE_SHARE), and this is none of them`;
    if (then === 'out') {
      const remedy = `Ask its operator why its calls fail; it gets more again as they succeed (\`tandem gateways\` shows how it does), or all of them at once: \`tandem rests end ${nameIn(decision.subject)}\`.`;
      return leftOut(decision, cause, remedy);
    }
    return step(`${readable(decision.subject)} comes after all others: ${cause}`);
  },
  'schedule-shut': (decision) => {
    const { schedule, of, localTime, timeZone, zonesVersion } = decision.facts;
    const whose = of === decision.subject ? 'its' : `${readable(of)} is shut: its`;
    return leftOut(
      decision,
      `${whose} schedule ${schedule} is not open at ${localTime} (${timeZone}, time zones ${zonesVersion})`,
      `Open schedule ${schedule} at that time (schedules in the configuration), take it away from ${readable(of)}, or add another gateway for that time.`,
    );
  },
  'lines-reserved': (decision) => {
    const { limit, limitOf, inUse, reservedLines } = decision.facts;
    return leftOut(
      decision,
      `of the ${String(limit)} lines of ${readable(limitOf)} ${String(inUse)} are in use, and it takes none while fewer than ${String(reservedLines)} are free (reservedLines)`,
      `Lower reservedLines of ${readable(decision.subject)}, raise lineLimit of ${readable(limitOf)}, or wait until calls end (\`tandem lines\` shows who holds them).`,
    );
  },
  'gateway-cps-reached': (decision) => {
    const { callsPerSecond, calls } = decision.facts;
    return leftOut(
      decision,
      `it takes ${String(callsPerSecond)} calls a second (callsPerSecond), and was just given as many (${calls})`,
      `Raise callsPerSecond of ${readable(decision.subject)}, if its operator takes more, or add another gateway for the prefix.`,
    );
  },
  'gateway-not-for-caller': (decision) => {
    const { origin, list } = decision.facts;
    const gateway = nameIn(decision.subject);
    return leftOut(
      decision,
      {
        allowedMappingGateways: `${readable(origin)} is not among its allowedMappingGateways`,
        forbiddenMappingGateways: `${readable(origin)} is among its forbiddenMappingGateways`,
        allowedRoutingGateways: `it is not among allowedRoutingGateways of ${readable(origin)}`,
      }[list],
      {
        allowedMappingGateways: `Add ${nameIn(origin)} to allowedMappingGateways of routing gateway ${gateway}, or leave that list out, so that phones may use it too.`,
        forbiddenMappingGateways: `Take ${nameIn(origin)} out of forbiddenMappingGateways of routing gateway ${gateway}.`,
        allowedRoutingGateways: `Add ${gateway} to allowedRoutingGateways of ${readable(origin)}.`,
      }[list],
    );
  },
};
