import type { CheckpointState } from '../../../core/checkpointState.ts';
import type { WebLlmCard } from '../../../core/model.ts';
import type { CheckpointStatus, CheckpointWork } from '../../state/checkpointsState.svelte.ts';
import { formatBytes } from '../../../core/formatBytes.ts';
import type { LoadDescription } from '../../state/describeLoad.ts';

/** What is on this device, in a few words. */
export function describeStored(status: CheckpointStatus): string {
  switch (status.state) {
    case 'absent':
      return 'not installed';
    case 'whole':
      return `ready offline, ${formatBytes(status.stored.bytes)}`;
    case 'partial':
      return `${amount(status.stored)}; ${missing(status.stored)} missing`;
    case 'working':
      return works[status.work].toLowerCase();
    case 'unknown':
      return 'looking';
  }
}

const works: Readonly<Record<CheckpointWork, string>> = {
  download: 'Downloading',
  import: 'Importing',
  check: 'Checking every file',
  export: 'Exporting',
};

/** The work for a progress bar: bytes, rate, and the files that come at once. */
export function describeWork(status: Extract<CheckpointStatus, { state: 'working' }>): LoadDescription {
  const { work, progress, bytesPerSecond } = status;
  if (!progress) return { label: works[work], value: null, detail: undefined };
  const done = Math.min(progress.bytes, progress.storedBytes + progress.pendingBytes);
  const parts = [
    `${formatBytes(done)} of ${formatBytes(progress.bytes)}`,
    bytesPerSecond === null ? '' : `${formatBytes(bytesPerSecond)}/s`,
    progress.lanes > 1 ? `${progress.lanes} files at once` : '',
  ];
  return {
    label: works[work],
    value: progress.bytes === 0 ? null : done / progress.bytes,
    detail: parts.filter(Boolean).join(', '),
  };
}

/** What the GPU needs, over the variants of a card. */
export function describeMemory({ variants, installed }: WebLlmCard): string {
  const used = variants.filter(({ quantisation }) => !installed || quantisation === installed.quantisation);
  return used
    .map(({ memoryBytes, quantisation }) => `${formatBytes(memoryBytes)} (${quantisation})`)
    .join(' or ');
}

/** The commands that make a checkpoint where this app's own server finds it, in the order of the variants. */
export function convertCommand({ id, baseRepository, persona }: WebLlmCard, quantisation: string): string {
  const adapter = persona === null ? '' : ' --adapter ADAPTER';
  return (
    `npx otherself convert --base ${baseRepository}${adapter} ` +
    `--quant ${quantisation} --out ${servedFolder(id)}`
  );
}

/** Where `npm start` serves a converted checkpoint. */
export function servedFolder(id: string): string {
  return `models/checkpoints/${id}`;
}

function amount({ storedBytes, bytes }: CheckpointState): string {
  return `${formatBytes(storedBytes)} of ${formatBytes(bytes)} stored`;
}

function missing({ files, storedFiles }: CheckpointState): string {
  const count = files - storedFiles;
  return count === 1 ? '1 file' : `${count} files`;
}
