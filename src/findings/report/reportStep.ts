import type { Section } from './section.ts';

/** Sections that belong together, as soon as they are reckoned, and the same as numbers. */
export interface ReportStep {
  readonly sections: readonly Section[];
  readonly plain: { readonly [name: string]: unknown };
  /** Nothing was reckoned yet: patterns read the answers' texts. */
  readonly isReading?: true;
}

export function stepOf(plain: ReportStep['plain'], ...sections: readonly (Section | null)[]): ReportStep {
  return { plain, sections: sections.filter((section) => section !== null) };
}
