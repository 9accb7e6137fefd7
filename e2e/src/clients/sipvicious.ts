import { tmpdir } from 'node:os';
import { ManagedProcess } from '../managed-process.ts';

/** What SIPVicious is asked. */
export interface SipviciousOptions {
  readonly tool: 'svmap' | 'svwar' | 'svcrack';
  readonly args: readonly string[];
  /** @default its own, friendly-scanner */
  readonly userAgent?: string | undefined;
}

/** Its User-Agent is a default argument of one function, which no option changes. */
const PROGRAM = `
import sys
sys.path.insert(0, '/usr/share/sipvicious')
tool, agent = sys.argv[1:3]
from sipvicious.libs import svhelper
if agent:
    make = svhelper.makeRequest
    make.__defaults__ = tuple(agent if each == 'friendly-scanner' else each for each in make.__defaults__)
import importlib
sys.argv = [tool] + sys.argv[3:]
importlib.import_module('sipvicious.' + tool).main()
`;

/** Starts a tool of SIPVicious. */
export function startSipvicious({ tool, args, userAgent = '' }: SipviciousOptions): ManagedProcess {
  return new ManagedProcess({
    name: tool,
    command: '/usr/bin/python3',
    args: ['-c', PROGRAM, tool, userAgent, ...args],
    // It keeps sessions in the home folder.
    env: { HOME: tmpdir(), PYTHONUNBUFFERED: '1' },
  });
}
