import assert from 'node:assert/strict';
import { ScriptedPeer } from '@tandem/testing';
import type { RunningSwitch } from './running-switch.ts';

/** A device that a phone is registered from. @throws AssertionError where it is not let */
export async function registeredDevice(
  { sip }: Pick<RunningSwitch, 'sip'>,
  { password, username }: { readonly username: string; readonly password: string },
): Promise<ScriptedPeer> {
  const device = await ScriptedPeer.onUdp({
    user: username,
    credentials: { username, password },
    timeoutMs: 15_000,
  });
  const { address, port } = device.local;
  const record = `<sip:${username}@${sip.address}:${String(sip.port)}>`;
  const registered = await device.request('REGISTER', {
    to: sip,
    headers: {
      To: record,
      Contact: `<sip:${username}@${address}:${String(port)}>`,
      Expires: '600',
    },
  });
  assert.equal(registered.status, 200);
  return device;
}
