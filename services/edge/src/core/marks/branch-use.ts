/** How the branches of what the switch writes begin; that of an initial INVITE has a mark instead (edge.md §2). */
export const branchPrefixes = {
  /** A request that is relayed in a dialog: where its response goes is sealed in it. */
  relayed: 'z9hG4bK-s',
  /** The same request once its challenge was answered: how often, behind this, then what the first one has. */
  challenged: 'z9hG4bK-c',
  /** The Via below that one, with what stands below the sender's topmost. */
  lowerVias: 'z9hG4bK-v',
  /** The ACK of an answer, which nothing answers. */
  answerAck: 'z9hG4bK-a',
  /** BYE and ACK to who goes on with a call that nobody wants any more. */
  unwanted: 'z9hG4bK-h',
  /** A BYE of the switch in a call that it ends: the same from all pods. */
  ending: 'z9hG4bK-e',
  /** OPTIONS of the switch in a dialog. */
  probe: 'z9hG4bK-p',
  /** MESSAGE out of a dialog: behind it a mark that names the pod which waits for the response. */
  message: 'z9hG4bK-m',
  /** OPTIONS to a phone behind NAT: behind it a mark that names the pod which waits for the response. */
  keepalive: 'z9hG4bK-k',
  /** REGISTER of the switch with a carrier: the same. */
  register: 'z9hG4bK-g',
  /** OPTIONS to a gateway out of a dialog: the same. */
  check: 'z9hG4bK-o',
} as const;

/** What a request was for that the switch gave a branch; `invite`, or none of ours, where it has no such beginning. */
export type BranchUse = keyof typeof branchPrefixes | 'invite';

/** What a branch says that its request was for; whether it is ours, its seal or mark tells. */
export function useOfBranch(branch: string): BranchUse {
  switch (branch.slice(0, branchPrefixes.relayed.length)) {
    case branchPrefixes.relayed:
      return 'relayed';
    case branchPrefixes.challenged:
      return 'challenged';
    case branchPrefixes.lowerVias:
      return 'lowerVias';
    case branchPrefixes.answerAck:
      return 'answerAck';
    case branchPrefixes.unwanted:
      return 'unwanted';
    case branchPrefixes.ending:
      return 'ending';
    case branchPrefixes.probe:
      return 'probe';
    case branchPrefixes.message:
      return 'message';
    case branchPrefixes.keepalive:
      return 'keepalive';
    case branchPrefixes.register:
      return 'register';
    case branchPrefixes.check:
      return 'check';
    default:
      return 'invite';
  }
}
