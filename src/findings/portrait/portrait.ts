/** What kind of being an answer says it is. */
export const beingGroups = ['human', 'ai', 'machine', 'animal', 'spirit', 'other'] as const;
export type BeingGroup = (typeof beingGroups)[number];

/** Who an answer says it is. Null: it does not say, or whoever read it did not see it. */
export interface Portrait {
  readonly name: string | null;
  /** Years. */
  readonly age: number | null;
  readonly gender: 'woman' | 'man' | null;
  readonly occupation: string | null;
  readonly religion: string | null;
  /** A place or a nationality. */
  readonly origin: string | null;
  /** Relatives that it says it has, as "daughter, husband". */
  readonly family: string | null;
  readonly kind: BeingGroup | null;
  /** Its own word for it, as "house cat". */
  readonly being: string | null;
}
