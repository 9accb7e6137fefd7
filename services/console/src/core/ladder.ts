/** SIP messages as a ladder: who stands side by side, and from whom to whom each message went. */

/** What a ladder is made of; the API has more of each. */
export interface LadderMessage {
  readonly at: string | null;
  readonly direction: 'received' | 'sent';
  readonly pod: string;
  readonly remote: string;
}

/** Who stands at the head of a column: a peer by its address, or a pod by its name. */
export interface Lane {
  readonly name: string;
  readonly isPod: boolean;
}

/** One message, between two columns. */
export interface Rung<Message> {
  readonly message: Message;
  readonly from: number;
  readonly to: number;
  /** Since the first message, ms. */
  readonly afterMs: number;
}

/** A ladder from left to right and from top to bottom. */
export interface Ladder<Message> {
  readonly lanes: readonly Lane[];
  readonly rungs: readonly Rung<Message>[];
}

/** Peers who spoke first stand left of the pods, those who were spoken to right of them; each in the order of the messages. */
export function ladderOf<Message extends LadderMessage>(
  messages: readonly Message[],
): Ladder<Message> {
  const callers = new Set<string>();
  const pods = new Set<string>();
  const callees = new Set<string>();
  for (const { direction, pod, remote } of messages) {
    pods.add(pod);
    if (callers.has(remote) || callees.has(remote)) continue;
    (direction === 'received' ? callers : callees).add(remote);
  }
  const peers = (names: Iterable<string>): Lane[] =>
    [...names].map((name) => ({ name, isPod: false }));
  const lanes = [
    ...peers(callers),
    ...[...pods].map((name) => ({ name, isPod: true })),
    ...peers(callees),
  ];
  const place = (name: string, isPod: boolean): number =>
    lanes.findIndex((lane) => lane.isPod === isPod && lane.name === name);
  const firstMs = timeOf(messages[0]);
  const rungs = messages.map((message) => {
    const pod = place(message.pod, true);
    const peer = place(message.remote, false);
    const [from, to] = message.direction === 'received' ? [peer, pod] : [pod, peer];
    return { message, from, to, afterMs: Math.max(0, timeOf(message) - firstMs) };
  });
  return { lanes, rungs };
}

function timeOf(message: LadderMessage | undefined): number {
  return Date.parse(message?.at ?? '') || 0;
}
