import type { ReactElement, ReactNode } from 'react';

/** What a state means to whoever looks: told by its word, and by its colour besides. */
export type Tone = 'good' | 'bad' | 'warn' | 'quiet' | 'busy';

const tones: Readonly<Record<string, Tone>> = {
  online: 'good',
  registered: 'good',
  active: 'good',
  answered: 'good',
  accepted: 'good',
  done: 'good',
  offline: 'bad',
  refused: 'bad',
  failed: 'bad',
  locked: 'bad',
  unreachable: 'bad',
  degraded: 'warn',
  flapping: 'warn',
  expiring: 'warn',
  cancelled: 'warn',
  'in-progress': 'busy',
  ringing: 'busy',
  routing: 'busy',
  running: 'busy',
};

/** The state of something, in a word. */
export function Badge({
  children,
  tone,
}: {
  readonly children: string;
  readonly tone?: Tone;
}): ReactElement {
  return <span className={`badge ${tone ?? tones[children] ?? 'quiet'}`}>{children}</span>;
}

/** A final SIP code, coloured by its class. */
export function Code({ code }: { readonly code: number }): ReactNode {
  if (code === 0) return <span className="note">none</span>;
  return <Badge tone={code < 300 ? 'good' : code < 400 ? 'warn' : 'bad'}>{String(code)}</Badge>;
}
