import type { OfflineStatus } from '../../core/offline.ts';
import { formatBytes } from '../../core/formatBytes.ts';
import type { OfflineReport } from './offlineState.svelte.ts';

/** What works without the network, in sentences. */
export function describeOffline(status: OfflineStatus, report: OfflineReport | null): string {
  if (status.state === 'unsupported') return status.reason;
  if (status.state === 'failed') return status.error;
  if (status.state === 'installing') return 'The app is being stored on this device.';
  const update = status.state === 'updateReady' ? ' A new version is ready.' : '';
  return `${describeReport(report)}${update}`;
}

function describeReport(report: OfflineReport | null): string {
  if (!report?.app) return 'The app is stored on this device.';
  const { app, models, isComplete } = report;
  if (isComplete) {
    const size = formatBytes(app.totalBytes + models.totalBytes);
    return `Everything is stored on this device, ${size}: the app and the embedded models work without the network.`;
  }
  if (app.missing.length > 0) {
    const size = formatBytes(app.totalBytes - app.storedBytes);
    return `${size} of the app are missing on this device. It does not work without the network.`;
  }
  return (
    `The app is stored on this device, ${formatBytes(app.totalBytes)}. ` +
    `Of the embedded models ${formatBytes(models.totalBytes - models.storedBytes)} are missing; ` +
    'what a model needs is stored when it is loaded for the first time.'
  );
}
