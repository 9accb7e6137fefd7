import { type JsSip, jssipPhone } from './jssip-phone.ts';
import type { PagePhone, WebPhoneAccount } from './page-phone.ts';
import { type SipJs, sipjsPhone } from './sipjs-phone.ts';

const page = globalThis as unknown as { jssip: () => JsSip; phone: PagePhone; isReady: boolean };

/** Makes the phone of this page. */
export async function start(library: 'jssip' | 'sip.js', account: WebPhoneAccount): Promise<void> {
  const sipjs = '/sip.js/index.js';
  page.phone =
    library === 'jssip'
      ? jssipPhone(page.jssip(), account)
      : sipjsPhone((await import(sipjs)) as SipJs, account);
  page.phone.register();
}
