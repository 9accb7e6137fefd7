let isOn = false;

/**
 * Whether spans and metrics go anywhere. False unless an OTLP endpoint was configured: then nothing of
 * the SDK is loaded, and a hot path may skip even the building of attributes.
 */
export function isTelemetryOn(): boolean {
  return isOn;
}

/** Set by `startTelemetry` alone. */
export function setTelemetryOn(value: boolean): void {
  isOn = value;
}
