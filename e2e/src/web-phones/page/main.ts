import { type JsSip, jssipPhone } from './jssip-phone.ts';
import type { PagePhone, WebPhoneAccount } from './page-phone.ts';
import { type SipJs, sipjsPhone } from './sipjs-phone.ts';

const page = globalThis as unknown as {
  readonly jssip: () => JsSip;
  readonly sipjs: () => Promise<SipJs>;
  phone: PagePhone;
};

/** Makes the phone of this page. */
export async function start(library: 'jssip' | 'sip.js', account: WebPhoneAccount): Promise<void> {
  page.phone =
    library === 'jssip'
      ? jssipPhone(page.jssip(), account)
      : sipjsPhone(await page.sipjs(), account);
  page.phone.register();
}
