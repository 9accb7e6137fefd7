import { createSocket } from 'node:dgram';
import { promisify } from 'node:util';
import { ScriptedPeer } from '@tandem/testing';
import { callAsPhone } from '../calling.ts';
import { CarrierRegistrar } from '../carrier-registrar.ts';
import { CheckedCarrier } from '../checked-carrier.ts';
import { carrier, configuration, demo } from '../configuration.ts';
import type { ConfigurationDocument } from '../configuration.ts';
import { freePorts } from '../free-ports.ts';
import { registeredDevice } from '../phone-devices.ts';
import type { RunningSwitch } from '../running-switch.ts';
import { Carrier } from '../sipp.ts';

/** Who has a wrong password, and is suspended for it. */
const GUESSED = '1002';
const carrierAccount = { user: '4930123', password: 'carrier-secret' };

/** Calls that are answered and refused, phones, guesses and garbage: of everything that dashboards show, some. */
export class Traffic {
  readonly document: ConfigurationDocument;
  readonly #carriers: readonly Carrier[];
  readonly #registrar: CarrierRegistrar;
  readonly #checked: readonly CheckedCarrier[];
  readonly #devices: ScriptedPeer[] = [];

  private constructor(
    document: ConfigurationDocument,
    peers: {
      readonly carriers: readonly Carrier[];
      readonly checked: readonly CheckedCarrier[];
      readonly registrar: CarrierRegistrar;
    },
  ) {
    this.document = document;
    this.#carriers = peers.carriers;
    this.#checked = peers.checked;
    this.#registrar = peers.registrar;
  }

  /** Starts carriers: one answers, one is busy, one refuses, one wants to be registered with, one answers OPTIONS and takes no calls of phones, one is silent; and writes the configuration for them. */
  static async start(): Promise<Traffic> {
    const [answers = 0, busy = 0, refuses = 0] = await freePorts(3);
    const registrar = await CarrierRegistrar.start(carrierAccount);
    const [there, silent] = await Promise.all([CheckedCarrier.start(), CheckedCarrier.start()]);
    silent.code = 0;
    const document = configuration(answers, busy);
    document.parameters['SS_SIP_OPTIONS_CHECK_TIMEOUT'] = 1;
    const optionsCheck = { period: 1 };
    const rates = document.rateGroups[0]?.['rates'] as unknown[];
    for (const prefix of ['45', '46']) rates.push({ prefix, pricePerMinute: demo.price });
    document.rateGroups.push({ name: 'imported', currency: 'USD', sheet: true });
    document.numberLists = [{ name: 'vip' }];
    document.phones.push({ username: GUESSED, password: demo.password, account: demo.account });
    const [first, second] = document.routingGateways;
    document.routingGateways = [
      // Limited, so that lines in use have a share; never full, however slow the machine is.
      { ...first, lineLimit: 50 },
      { ...second, prefixes: ['45'] },
      {
        ...carrier('carrier-c', refuses, 1),
        prefixes: ['46'],
        username: carrierAccount.user,
        password: carrierAccount.password,
        registration: { registrar: registrar.address, domain: 'carrier.example' },
      },
      {
        ...carrier('carrier-d', there.port, 9),
        allowedMappingGateways: [demo.trunk],
        optionsCheck,
      },
      { ...carrier('carrier-e', silent.port, 9), prefixes: ['47'], optionsCheck },
    ];
    const carriers = await Promise.all([
      Carrier.start({ scenario: 'carrier-answers', port: answers }),
      Carrier.start({ scenario: 'carrier-busy', port: busy }),
      Carrier.start({ scenario: 'carrier-unavailable', port: refuses }),
    ]);
    return new Traffic(document, { carriers, checked: [there, silent], registrar });
  }

  /** Sends all of it; resolves when it is over, but for the phones, which stay registered. */
  async send(running: RunningSwitch): Promise<void> {
    const call = (callee: string, more: Parameters<typeof callAsPhone>[2] = {}) =>
      callAsPhone(running, callee, more);
    this.#devices.push(
      await registeredDevice(running, { username: demo.phone, password: demo.password }),
    );
    const [held, short] = await Promise.all([
      // Lines in use are counted every 5 s: these are seen.
      call('442079460000', { calls: 4, rate: 4, pauseMs: 7000 }),
      call('442079460000', { calls: 10, rate: 5 }),
      call('452079460000', { calls: 5, rate: 5 }),
      call('462079460000', { calls: 5, rate: 5 }),
      call('330000000000', { calls: 3, rate: 5 }),
      call('442079460000', { calls: 3, rate: 5, username: GUESSED, password: 'wrong' }),
      registerWrongly(running),
      sendGarbage(running),
    ]);
    if (held.successful !== 4 || short.successful !== 10) {
      throw new Error(`calls were not answered: ${held.output}${short.output}`);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.close()));
    await Promise.all(this.#carriers.map((each) => each.stop()));
    for (const each of this.#checked) each.close();
    this.#registrar.close();
  }
}

async function registerWrongly({ sip }: RunningSwitch): Promise<void> {
  const username = GUESSED;
  const device = await ScriptedPeer.onUdp({
    user: username,
    credentials: { username, password: 'wrong' },
    timeoutMs: 15_000,
  });
  const { address, port } = device.local;
  await device.request('REGISTER', {
    to: sip,
    headers: {
      To: `<sip:${username}@${sip.address}:${String(sip.port)}>`,
      Contact: `<sip:${username}@${address}:${String(port)}>`,
    },
  });
  await device.close();
}

async function sendGarbage({ sip }: RunningSwitch): Promise<void> {
  const socket = createSocket('udp4');
  const send = promisify((text: string, done: (error: Error | null) => void): void => {
    socket.send(text, sip.port, sip.address, done);
  });
  await send('INVITE sip:x SIP/2.0\r\nVia: nonsense\r\n\r\n');
  await send('no SIP at all');
  socket.close();
}
