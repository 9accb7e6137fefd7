import { execFileSync } from 'node:child_process';
import type { Namespace } from '../baresip-files.ts';
import { ManagedProcess } from '../managed-process.ts';
import { until } from '../until.ts';

/** Addresses of the three places. */
export const addresses = {
  /** Of the switch, its relay and its carriers. */
  switch: '198.51.100.1',
  /** Of the NAT towards the switch: whatever comes from behind it comes from there. */
  nat: '198.51.100.2',
  /** Of the phone behind it. Nobody outside has a way there. */
  phone: '10.20.30.2',
} as const;

const inside = '10.20.30.1';
/** A line to the phone that only its control socket uses. */
const control = { here: '192.0.2.1', phone: '192.0.2.2' } as const;

/** A phone behind a NAT: two network namespaces beside that of this process, which end with it. */
export class NatNetwork {
  readonly #holders: readonly ManagedProcess[];
  readonly phone: Namespace;

  private constructor(holders: readonly ManagedProcess[], phone: Namespace) {
    this.#holders = holders;
    this.phone = phone;
  }

  /**
   * Makes it. This process must be in a namespace of its own already, as root of it. The NAT gives each destination a port of its own
   * and lets in what answers alone (RFC 4787: address and port dependent mapping and filtering).
   */
  static async make(): Promise<NatNetwork> {
    const nat = await namespaceHolder('nat');
    const phone = await namespaceHolder('phone');
    ip('link set lo up');
    link(['outside', addresses.switch], ['nat-out', addresses.nat], nat);
    link(['control', control.here], ['control', control.phone], phone);
    // From the NAT's namespace to the phone's.
    within(nat, 'ip', `link add nat-in type veth peer name wire netns ${String(phone.pid)}`);
    addressOf(nat, 'nat-in', inside);
    addressOf(phone, 'wire', addresses.phone);
    within(phone, 'ip', `route add default via ${inside}`);
    within(nat, 'sysctl', '-q -w net.ipv4.ip_forward=1');
    within(nat, 'iptables', '-t nat -A POSTROUTING -o nat-out -j MASQUERADE --random');
    // The address of the phone is nobody's from outside, whatever ways there are.
    within(nat, 'iptables', '-A FORWARD -i nat-out -m conntrack --ctstate NEW -j DROP');
    return new NatNetwork([nat, phone], {
      prefix: enter(phone),
      control: control.phone,
    });
  }

  async remove(): Promise<void> {
    await Promise.all(this.#holders.map((holder) => holder.stop({ graceMs: 1000 })));
  }
}

/** A process that keeps a namespace: it is gone when the process is. */
async function namespaceHolder(name: string): Promise<ManagedProcess> {
  const holder = new ManagedProcess({
    name: `namespace ${name}`,
    command: 'unshare',
    args: ['--net', '--', 'sh', '-c', 'ip link set lo up && echo ready && exec sleep 600'],
  });
  await holder.line(/ready/, 5000);
  await until('the namespace', () => holder.isRunning);
  return holder;
}

function enter({ pid }: ManagedProcess): string[] {
  return ['nsenter', `--net=/proc/${String(pid)}/ns/net`, '--'];
}

/** A wire from here to a namespace. */
function link(
  [here, hereAddress]: readonly [string, string],
  [there, thereAddress]: readonly [string, string],
  holder: ManagedProcess,
): void {
  ip(`link add ${here} type veth peer name ${there} netns ${String(holder.pid)}`);
  ip(`address add ${hereAddress}/24 dev ${here}`);
  ip(`link set ${here} up`);
  addressOf(holder, there, thereAddress);
}

function addressOf(holder: ManagedProcess, device: string, address: string): void {
  within(holder, 'ip', `address add ${address}/24 dev ${device}`);
  within(holder, 'ip', `link set ${device} up`);
}

function within(holder: ManagedProcess, command: string, args: string): void {
  const [program = '', ...words] = [...enter(holder), command, ...args.split(' ')];
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function ip(args: string): void {
  execFileSync('ip', args.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
}
