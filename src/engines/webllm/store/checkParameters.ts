import { ModelFileError } from '../../../core/errors.ts';
import type { LibraryFacts } from './libraryFacts.ts';

type Parameter = LibraryFacts['params'][number];

interface Shard {
  readonly dataPath: string;
  readonly nbytes: number;
  readonly records: readonly StoredTensor[];
}

interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly nbytes: number;
  readonly byteOffset: number;
}

const advice =
  'Checkpoint and library do not belong together: use the library of the same base model, or convert the checkpoint anew.';

/**
 * Whether a checkpoint has every parameter that a library takes, in its shape and type, inside its shards.
 * web-llm checks names only: a wrong type or shape would give nonsense. Errors: {@link ModelFileError}.
 */
export function checkParameters(facts: LibraryFacts, shards: readonly Shard[], vocabulary: number): void {
  const stored = new Map<string, StoredTensor>();
  for (const shard of shards) {
    for (const record of shard.records) {
      if (record.byteOffset + record.nbytes > shard.nbytes) {
        throw new ModelFileError(
          `The tensor ${record.name} reaches beyond the end of ${shard.dataPath}. ${advice}`,
        );
      }
      stored.set(record.name, record);
    }
  }
  for (const wanted of facts.params) {
    const fault = faultOf(wanted, stored.get(wanted.name), vocabulary);
    if (fault) throw new ModelFileError(`${fault} ${advice}`);
  }
}

function faultOf(wanted: Parameter, found: StoredTensor | undefined, vocabulary: number): string | null {
  const { name, dtype } = wanted;
  if (!found) return `The tensor ${name} is missing from the checkpoint.`;
  if (found.dtype !== dtype) return `The tensor ${name} is ${found.dtype}, and the library takes ${dtype}.`;
  const shape = wanted.shape.map((size) => (typeof size === 'string' ? vocabulary : size));
  if (shape.join() === found.shape.join()) return null;
  return `The tensor ${name} has the shape ${found.shape.join(' x ')}, and the library takes ${shape.join(' x ')}.`;
}
