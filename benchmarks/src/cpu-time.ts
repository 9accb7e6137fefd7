import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

interface ProcessStat {
  readonly parent: number;
  readonly cpuMs: number;
}

/**
 * CPU time of a process and all below it so far, user and system, those included that have ended and
 * were waited for, in milliseconds.
 */
export function cpuTimeMs(root: number): number {
  let total = 0;
  for (const pid of processTree(root)) total += readStat(pid)?.cpuMs ?? 0;
  return total;
}

/** CPU time of the whole machine so far, idle time left out, in milliseconds. */
export function machineCpuTimeMs(): number {
  const [, user, nice, system, , , irq, softirq, steal] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/\s+/)
    .map(Number);
  const ticks = [user, nice, system, irq, softirq, steal];
  return ticks.reduce<number>((sum, value) => sum + (value ?? 0), 0) * TICK_MS;
}

/** Memory of a process and all below it, in bytes; what several of them share is counted once. */
export function residentBytes(root: number): number {
  let total = 0;
  for (const pid of processTree(root)) total += proportionalBytes(pid);
  return total;
}

/** The process and all below it. */
export function processTree(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : undefined;
    if (stat === undefined) continue;
    const siblings = children.get(stat.parent);
    if (siblings === undefined) children.set(stat.parent, [pid]);
    else siblings.push(pid);
  }
  const tree: number[] = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    tree.push(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return tree;
}

/** As /proc/net/tcp and tcp6 write 127.0.0.1, ::1 and every address: where who calls 127.0.0.1 or ::1 comes to. */
const LOOPBACK = [
  '0100007F',
  '0000000000000000FFFF00000100007F',
  '00000000000000000000000001000000',
  '00000000',
  '00000000000000000000000000000000',
];

/** The process that listens on this TCP port of loopback. Other addresses do not count: this process claims free ports on one. */
export function listenerOf(port: number): number {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const locals = new Set(LOOPBACK.map((address) => `${address}:${hexPort}`));
  const inodes = new Set<string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const fields = line.trim().split(/\s+/);
      // 0A is LISTEN.
      if (locals.has(fields[1] ?? '') && fields[3] === '0A') {
        inodes.add(`socket:[${fields[9] ?? ''}]`);
      }
    }
  }
  const owners = readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && hasSocket(pid, inodes))
    .sort((a, b) => a - b);
  // Workers inherit the socket; the oldest process is the one that opened it.
  const [owner] = owners;
  if (owner === undefined) throw new Error(`nothing listens on port ${String(port)}`);
  return owner;
}

/** The process may have ended meanwhile. */
function proportionalBytes(pid: number): number {
  try {
    const text = readFileSync(`/proc/${String(pid)}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function hasSocket(pid: number, sockets: ReadonlySet<string>): boolean {
  const folder = `/proc/${String(pid)}/fd`;
  try {
    return readdirSync(folder).some((fd) => {
      try {
        return sockets.has(readlinkSync(`${folder}/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

function readStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command in parentheses may hold spaces; what follows it does not.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return { parent: Number(fields[1]), cpuMs: ticks * TICK_MS };
}
