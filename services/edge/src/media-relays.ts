import { randomBytes } from 'node:crypto';
import { NgClient, RelayPool, UdpWire } from '@tandem/rtpengine';
import type { RelayAddress } from '@tandem/rtpengine';
import type { Logger } from '@tandem/service';
import { RtpengineMedia } from './adapters/rtpengine-media.ts';
import { systemClock } from './system.ts';
import { reportRelays } from './media-telemetry.ts';

/** The media relays of an edge, and what is open towards them. */
export interface OpenRelays {
  readonly media: RtpengineMedia;
  close(): void;
}

/** Opens a socket to relays, and asks them from now on whether they live; undefined where there are none. */
export function openRelays(
  relays: readonly RelayAddress[],
  logger: Logger,
): OpenRelays | undefined {
  if (relays.length === 0) return undefined;
  const wire: UdpWire = new UdpWire((bytes) => {
    client.receive(bytes);
  });
  // A relay keeps its replies by the cookie alone: no process may use another one's.
  const prefix = `${randomBytes(9).toString('base64url')}_`;
  const client: NgClient = new NgClient({ wire, clock: systemClock, prefix });
  const pool = new RelayPool({
    relays,
    client,
    clock: systemClock,
    onChange: ({ name, isDown }) => {
      if (isDown) logger.warn({ relay: name }, 'media relay is away');
      else logger.info({ relay: name }, 'media relay is back');
    },
  });
  pool.start();
  const end = reportRelays(() => pool.relays);
  return {
    media: new RtpengineMedia(pool, logger),
    close: () => {
      end();
      pool.close();
      client.close();
      wire.close();
    },
  };
}
