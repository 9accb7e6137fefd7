import type { AlarmFigureName } from '@tandem/config';
import { parseMoney } from '@tandem/domain';
import type { Reading } from '../../core/alarms/alarm-state.ts';
import { ofSwitch, type FigureNeed, type FigureSource } from './figure-source.ts';

/** A source of figures that do not depend on each other. */
type Reader = (need: FigureNeed, ...parts: Parameters<FigureSource['read']> extends [unknown, infer Parts] ? [Parts] : never) => Promise<readonly Reading[]>; // prettier-ignore

function source(
  service: FigureSource['service'],
  readers: Partial<Record<AlarmFigureName, Reader>>,
): FigureSource {
  return {
    service,
    figures: Object.keys(readers) as AlarmFigureName[],
    read: async (needs, parts) => {
      const read = new Map<FigureNeed, readonly Reading[]>();
      for (const need of needs) {
        read.set(need, (await readers[need.figure]?.(need, parts)) ?? []);
      }
      return read;
    },
  };
}

/** Lines in use: how many of each limit, not who holds them. */
export const lineFigures = source('routing', {
  'lines-used': async (_need, { ports }) => {
    const { lines } = await ports.routing.listLines({ subject: '', brief: true });
    return lines
      .filter(({ limit }) => limit > 0)
      .map(({ inUse, limit, subject }) => ({
        subject,
        value: (100 * inUse) / limit,
        text: `${String(inUse)} of ${String(limit)} lines`,
      }));
  },
});

const NOT_REGISTERED: ReadonlySet<string> = new Set(['registering', 'refused', 'unreachable']);
const nobody = { phone: '', source: '', account: '', kind: '', userAgent: '', status: '' };

/** Phones that are registered, and carriers with which the switch is. */
export const registrationFigures = source('registrar', {
  'carrier-unregistered': async (_need, { ports }) => {
    const { registrations = [] } = (await ports.registrar?.listOutbound({ gateway: '' })) ?? {};
    return registrations.map(({ gateway, last, state }) => ({
      subject: gateway,
      value: Number(NOT_REGISTERED.has(state)),
      text: state === 'refused' ? `refused with ${String(last?.code ?? 0)}` : state,
    }));
  },
  registered: async (_need, { ports }) => {
    const answer = await ports.registrar?.listRegistrations({ filter: nobody, sort: '', limit: 1, cursor: '' }); // prettier-ignore
    return answer === undefined ? [] : ofSwitch(answer.total);
  },
  'registered-share': async ({ windowSeconds }, { nowMs, ports, series }) => {
    const answer = await ports.registrar?.listRegistrations({ filter: nobody, sort: '', limit: 1, cursor: '' }); // prettier-ignore
    if (answer === undefined) return [];
    const samples = series('registered');
    samples.add({ '': [answer.total] }, nowMs);
    const most = samples.most('', windowSeconds * 1000, nowMs) ?? 0;
    if (most === 0) return [];
    const text = `${String(answer.total)} of ${String(most)} devices`;
    return [{ subject: '', value: (100 * answer.total) / most, of: most, text }];
  },
});

/** Who is kept out, and who has not proved himself. */
export const securityFigures = source('auth', {
  'failed-logins': async ({ windowSeconds }, { nowMs, ports }) => {
    const { failures } = await ports.auth.listAuthenticationFailures({});
    const from = nowMs - windowSeconds * 1000;
    return ofSwitch(failures.filter(({ lastMs }) => lastMs >= from).length);
  },
  suspended: async (_need, { ports }) =>
    ofSwitch((await ports.auth.listSuspensions({})).suspensions.length),
  'black-listed': async ({ windowSeconds }, { nowMs, ports }) => {
    const { entries } = await ports.auth.listBlacklist({});
    const from = nowMs - windowSeconds * 1000;
    // What an operator has put there surprises nobody.
    return ofSwitch(entries.filter((each) => each.failures > 0 && each.sinceMs >= from).length);
  },
});

/** Money, and what billing has still to do. */
export const moneyFigures = source('billing', {
  'balance-reached': async (_need, { configuration, ports }) => {
    const watched = configuration.accounts.filter((each) => each.minimumBalance !== undefined);
    if (watched.length === 0) return [];
    const { balances } = await ports.billing.listBalances({
      accounts: watched.map(({ name }) => name),
    });
    const known = new Map(balances.map(({ account, balance }) => [account, balance]));
    return watched.map(({ currency, minimumBalance = '0', name, openingBalance }) => {
      const balance = known.get(name) ?? openingBalance;
      return {
        subject: name,
        value: Number(parseMoney(balance) <= parseMoney(minimumBalance)),
        text: `balance ${balance} ${currency}, minimum ${minimumBalance}`,
      };
    });
  },
  'money-differs': async (_need, { ports }) => {
    const { reconciliations } = await ports.billing.listReconciliations({ limit: 1 });
    return ofSwitch(reconciliations[0]?.differences.length ?? 0);
  },
  'billing-lag': async (_need, { ports }) => ofSwitch((await ports.billing.getLag({})).events),
});
