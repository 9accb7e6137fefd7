import { formatHostPort, parsedText } from '@tandem/config';
import type { Mistake } from '@tandem/config';
import { transportOf } from '@tandem/sip';
import type { WebSocketTerms } from '@tandem/sip';
import { z } from 'zod';
import { certificateFiles } from './network/network.ts';
import type { SipListen, SipTlsFiles } from './network/network.ts';

/** What listeners with TLS, or for WebSockets, need to know. */
export interface SipConnections {
  /** There wherever a listener is secure. */
  readonly sipTlsFiles?: SipTlsFiles | undefined;
  /** @default all handshakes at '/' */
  readonly sipWebSocket?: WebSocketTerms | undefined;
}

/** The variables that say it. */
export const connectionSettings = {
  TANDEM_SIP_TLS_CERTIFICATES: parsedText(
    certificateFiles,
    'files of certificates that end in .crt, each with its key beside it in .key, several with commas, such as /etc/tandem/sip.crt',
  ).optional(),
  TANDEM_SIP_TLS_CA: z.string().optional(),
  TANDEM_SIP_WS_PATH: z
    .string()
    .regex(/^\/[^?#\s]*$/, 'write a path, such as /sip')
    .optional(),
  TANDEM_SIP_WS_ORIGINS: parsedText(
    pageOrigins,
    'origins of pages, several with commas, such as https://phone.example',
  ).optional(),
};

interface ConnectionVariables {
  readonly TANDEM_SIP_TLS_CERTIFICATES?: readonly string[] | undefined;
  readonly TANDEM_SIP_TLS_CA?: string | undefined;
  readonly TANDEM_SIP_WS_PATH?: string | undefined;
  readonly TANDEM_SIP_WS_ORIGINS?: readonly string[] | undefined;
}

export function connectionsOf(values: ConnectionVariables): SipConnections {
  const certificates = values.TANDEM_SIP_TLS_CERTIFICATES;
  const ca = values.TANDEM_SIP_TLS_CA;
  const path = values.TANDEM_SIP_WS_PATH;
  const origins = values.TANDEM_SIP_WS_ORIGINS;
  return {
    ...(certificates === undefined ? {} : { sipTlsFiles: { certificates, ca } }),
    ...(path === undefined && origins === undefined ? {} : { sipWebSocket: { path, origins } }),
  };
}

/** A secure listener that has no certificate. */
export function connectionMistakes(
  listen: readonly SipListen[],
  { sipTlsFiles }: SipConnections,
): Mistake[] {
  const secure = listen.find((one) => transportOf(one).isSecure);
  if (secure === undefined || sipTlsFiles !== undefined) return [];
  const { address, port, transport } = secure;
  const place = formatHostPort({ host: address, port });
  const message = `is not set: ${transport}:${place} of TANDEM_SIP_LISTEN needs a certificate`;
  return [{ path: 'TANDEM_SIP_TLS_CERTIFICATES', message }];
}

function pageOrigins(text: string): readonly string[] | undefined {
  const origins = text.split(',').map((part) => part.trim());
  return origins.every((each) => URL.canParse(each) && new URL(each).origin === each.toLowerCase())
    ? origins.map((each) => each.toLowerCase())
    : undefined;
}
