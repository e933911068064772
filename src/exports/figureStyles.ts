/** In CSS pixels: beside the text of a wide page, and on a phone. Without scripts a figure cannot be drawn anew. */
export const figureWidths = { wide: 680, narrow: 340 } as const;

/** For pages with figures; apart from what draws them, which is large. */
export const figureStyles = `
figure { margin: 1.5rem 0 0; max-width: ${figureWidths.wide}px; }
figcaption { color: var(--ink-soft); font-size: 0.875rem; }
svg { display: block; max-width: 100%; height: auto; overflow: visible; }
.narrow { display: none; }
@media (width < 46rem) { .wide { display: none; } .narrow { display: block; } }
`;
