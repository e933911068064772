import { plot, type PlotOptions } from '@observablehq/plot';
import { SvgDocument, SvgElement } from './svgDocument.ts';

/** What a figure needs of a run's models: names and voices, by id. */
export type FigureModels = ReadonlyMap<string, { readonly name: string; readonly voice: string }>;

export interface DrawOptions {
  /** In CSS pixels; the height follows. */
  readonly width: number;
  readonly models: FigureModels;
}

/** A drawn figure: what stands within its `svg` element. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly inner: string;
}

export const colours = { ink: 'var(--ink)', soft: 'var(--ink-soft)', rule: 'var(--rule)' } as const;
export const fontSize = 13;

/** By Observable Plot, whose marks take their places in pixels or from scales. */
export function pictureOf(options: PlotOptions & { width: number; height: number }): Picture {
  const document = new SvgDocument();
  // Plot draws in whatever has the few members that it uses; its types ask for the whole of a document.
  const drawn: unknown = plot({
    ...options,
    document: document as unknown as NonNullable<PlotOptions['document']>,
  });
  if (!(drawn instanceof SvgElement)) throw new Error('A figure was drawn as something else than an SVG.');
  return { width: options.width, height: options.height, inner: drawn.inner };
}

export function colourOf(model: string | null, models: FigureModels): string {
  const voice = model === null ? undefined : models.get(model)?.voice;
  return voice === undefined ? colours.ink : `var(--voice-${voice}, var(--voice-base))`;
}

export function nameOf(
  line: { readonly model: string | null; readonly name?: string },
  models: FigureModels,
) {
  return line.name ?? (line.model === null ? '' : (models.get(line.model)?.name ?? line.model));
}
