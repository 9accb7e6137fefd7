import { cseq, to, type SipRequest, type SipResponse } from '@tandem/sip';
import type { LoadDialog } from './load-dialog.ts';

/** What the caller does with a reliable response. */
export type ReliableResponse =
  | { readonly kind: 'plain' }
  /** It has had it before (RFC 3262 §4). */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'next'; readonly dialog: LoadDialog; readonly rack: string }
  | { readonly kind: 'fault'; readonly text: string };

/** The early dialogs of a caller, one for each callee that is heard, and what was acknowledged in them. */
export class ReliableResponses {
  readonly #dialogs = new Map<string, { readonly dialog: LoadDialog; sequence: number }>();
  readonly #newDialog: (response: SipResponse) => LoadDialog;

  constructor(newDialog: (response: SipResponse) => LoadDialog) {
    this.#newDialog = newDialog;
  }

  /** The dialog that a callee has opened. */
  dialogWith(tag: string): LoadDialog | undefined {
    return this.#dialogs.get(tag)?.dialog;
  }

  /** Takes a provisional response. */
  receive(invite: SipRequest, response: SipResponse): ReliableResponse {
    if (!response.headers.list('Require').includes('100rel')) return { kind: 'plain' };
    const { tag = '' } = to(response);
    const sequence = Number(response.headers.get('RSeq'));
    const known = this.#dialogs.get(tag);
    const early = known ?? { dialog: this.#newDialog(response), sequence: sequence - 1 };
    this.#dialogs.set(tag, early);
    if (sequence <= early.sequence) return { kind: 'repeated' };
    if (sequence !== early.sequence + 1) {
      return {
        kind: 'fault',
        text: `has RSeq ${String(sequence)} after ${String(early.sequence)}`,
      };
    }
    early.sequence = sequence;
    const rack = `${String(sequence)} ${String(cseq(invite).number)} INVITE`;
    return { kind: 'next', dialog: early.dialog, rack };
  }
}
