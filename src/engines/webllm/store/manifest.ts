import { z } from 'zod';
import { ModelFileError } from '../../../core/errors.ts';
import { hashOf } from '../../../core/ids.ts';

const hexSchema = z.string().regex(/^[0-9a-f]+$/);

const manifestSchema = z.strictObject({
  version: z.literal(1),
  quantisation: z.enum(['q4f16_1', 'q4f32_1']),
  files: z.array(
    z.strictObject({
      path: z.string().min(1),
      bytes: z.int().nonnegative(),
      /** Both in lower-case hex; at least one is known. */
      sha256: hexSchema.nullable(),
      md5: hexSchema.nullable(),
    }),
  ),
});
/** All files of one checkpoint, its library among them, with what each must be. */
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = Manifest['files'][number];

/** Under this name the library is stored, exported and imported again. */
export const libraryName = 'library.wasm';

/** What the checkpoint is, as 64 hex digits: any other byte in any file gives another identity. */
export function identityOf({ files }: Manifest): string {
  return hashOf(files.map(({ path, sha256, md5 }) => [path, sha256 ?? md5]).sort());
}

/** Errors: {@link ModelFileError} for what an older version of this app, or something else, has stored. */
export function parseManifest(data: unknown): Manifest {
  const parsed = manifestSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new ModelFileError(
    'The list of the stored files is damaged. Delete the model, then install it again.',
  );
}
