import { describe, expect, it } from 'vitest';
import catalogue from '../../../../models/catalogue.json';
import { parseCatalogue, type WebLlmCard } from '../../../core/model.ts';
import { convertCommand, describeMemory, describeStored, describeWork } from './describeCheckpoint.ts';

const maria = parseCatalogue(catalogue).find(({ id }) => id === 'maria') as WebLlmCard;
const stored = { files: 110, bytes: 4_000_000_000, storedFiles: 108, storedBytes: 3_940_000_000 };

describe('what the Models page says of a checkpoint', () => {
  it('never calls a half one ready', () => {
    expect(describeStored({ state: 'absent' })).toBe('not installed');
    expect(describeStored({ state: 'partial', stored })).toBe('3.9 GB of 4.0 GB stored; 2 files missing');
    expect(describeStored({ state: 'whole', stored })).toBe('ready offline, 4.0 GB');
  });

  it('shows bytes, rate and lanes', () => {
    const progress = { ...stored, storedBytes: 1e9, pendingBytes: 5e8, lanes: 4 };
    expect(describeWork({ state: 'working', work: 'download', progress, bytesPerSecond: 12e6 })).toEqual({
      label: 'Downloading',
      value: 0.375,
      detail: '1.5 GB of 4.0 GB, 12.0 MB/s, 4 files at once',
    });
    expect(
      describeWork({ state: 'working', work: 'check', progress: null, bytesPerSecond: null }).value,
    ).toBeNull();
  });

  it('gives the exact command, and the memory of what is installed', () => {
    expect(convertCommand(maria, 'q4f32_1')).toBe(
      'npx otherself convert --base mistralai/Mistral-7B-Instruct-v0.3 --adapter ADAPTER --quant q4f32_1 --out models/checkpoints/maria',
    );
    expect(describeMemory(maria)).toBe('4.8 GB (q4f16_1) or 5.9 GB (q4f32_1)');
    const installed = { quantisation: 'q4f32_1' as const, sha256: '0'.repeat(64), folder: null };
    expect(describeMemory({ ...maria, installed })).toBe('5.9 GB (q4f32_1)');
  });
});
