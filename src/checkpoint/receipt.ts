import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { receiptName } from './fileNames.ts';
import { parseJson } from './parseJson.ts';

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const fileSchema = z.strictObject({
  name: z.string().min(1),
  bytes: z.int().nonnegative(),
  sha256: sha256Schema,
});

const sourceSchema = z.strictObject({
  /** Name of a local folder, or id on the hub. */
  id: z.string(),
  /** Commit on the hub; null for a local folder. */
  revision: z.string().nullable(),
  files: z.array(fileSchema),
});

const tensorSchema = z.strictObject({
  /** Without q_weight or q_scale. */
  name: z.string(),
  shape: z.array(z.int().positive()),
  quantised: z.boolean(),
  /** Names in the base's files, stacked in this order. */
  sources: z.array(z.string()),
  /** Root of summed squared errors over summed squared weights, against the merged weights; null if all are 0. */
  relativeRms: z.number().nullable(),
  /** The same of the worst group of 32; null where nothing is quantised in groups. */
  worstGroup: z.number().nullable(),
});

const receiptSchema = z.strictObject({
  format: z.literal('otherself-checkpoint/1'),
  tool: z.string(),
  base: sourceSchema,
  /** `scale` is what the adapter's own strength was multiplied by. */
  adapters: z.array(sourceSchema.extend({ scale: z.number() })),
  quantisation: z.enum(['q4f16_1', 'q4f32_1', 'q0f16', 'q0f32']),
  ties: z.enum(['even', 'away']),
  peftCompatible: z.boolean(),
  notes: z.array(z.string()),
  tensors: z.array(tensorSchema),
  files: z.array(fileSchema),
  /** SHA-256 of this file's text with an empty seal. */
  seal: z.union([sha256Schema, z.literal('')]),
});

export type ReceiptFile = z.infer<typeof fileSchema>;
export type ReceiptSource = z.infer<typeof sourceSchema>;
export type ReceiptTensor = z.infer<typeof tensorSchema>;
export type Receipt = z.infer<typeof receiptSchema>;

/** What a conversion was made of and what it made, without the time, so that equal work gives equal bytes. */
export function writeReceipt(facts: Omit<Receipt, 'format' | 'seal'>): string {
  return sealed({ format: 'otherself-checkpoint/1', ...facts, seal: '' });
}

/** The receipt, or the sentence that says what is wrong with its text. Any altered byte is found. */
export function readReceipt(text: string): { readonly receipt: Receipt } | { readonly problem: string } {
  const parsed = receiptSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    return { problem: `${receiptName} is no receipt of otherself convert, or it is damaged.` };
  }
  // Written anew rather than only hashed: a key that stands twice, or a space more, leaves the values as they were.
  if (sealed(parsed.data) !== text) return { problem: `${receiptName} was altered: its seal does not fit.` };
  return { receipt: parsed.data };
}

function sealed(receipt: Receipt): string {
  // Parsing puts the keys into the schema's order.
  const unsealed = { ...receiptSchema.parse(receipt), seal: '' } as const;
  return textOf({ ...unsealed, seal: bytesToHex(sha256(utf8ToBytes(textOf(unsealed)))) });
}

const textOf = (receipt: Receipt): string => `${JSON.stringify(receipt, null, 2)}\n`;
