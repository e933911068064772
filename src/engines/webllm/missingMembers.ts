/** A path of names with dots between, and what stands there: `array`, or what `typeof` says. */
export type Member = readonly [path: string, kind: string];

/** Paths of the members that an object lacks or has as something else. */
export function missingMembers(object: object, members: readonly Member[]): string[] {
  return members.filter(([path, kind]) => kindOf(memberAt(object, path)) !== kind).map(([path]) => path);
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function memberAt(from: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (value === null || value === undefined ? undefined : Reflect.get(Object(value), name)),
      from,
    );
}
