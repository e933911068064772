import { disposePast, type ForwardModel, type Past } from './forwardModel.ts';
import { joinRows, placeRow, type KeyValues, type RowSource } from './keyValues.ts';

/** A row of the batch. `step` makes it one position longer. */
export interface BatchRow {
  /** Positions in its keys and values. */
  length: number;
  /** The token that the next step reads. */
  token: number;
  /** Strength of each adapter of the graph. */
  readonly scales: readonly number[];
}

// Positions that a batch may be wider than its longest row before it is laid out anew. A layout copies every
// row (a few ms each); a superfluous position costs every row a little attention at every step.
const SPARE_WIDTH = 64;

/**
 * Rows that take their steps together. Rows may join and leave between any two steps: each comes with its own
 * keys and values, which are moved to the right end of the batch.
 */
export class DecodeBatch<Row extends BatchRow> {
  readonly #model: ForwardModel;
  readonly #contextTokens: number;
  #slots: (Row | null)[] = [];
  #past: Past | null = null;
  #joining: { readonly row: Row; readonly keyValues: KeyValues }[] = [];

  constructor(model: ForwardModel, contextTokens: number) {
    this.#model = model;
    this.#contextTokens = contextTokens;
  }

  /** The row takes part from the next step on. */
  join(row: Row, keyValues: KeyValues): void {
    this.#joining.push({ row, keyValues });
  }

  leave(row: Row): void {
    this.#joining = this.#joining.filter((joining) => joining.row !== row);
    this.#slots = this.#slots.map((slot) => (slot === row ? null : slot));
  }

  /** One token more for every row: the rows and their logits. Without rows nothing is computed. */
  async step(): Promise<readonly (readonly [Row, Float32Array])[]> {
    await this.#settle();
    if (!this.#past) return [];
    const slots = this.#slots;
    const width = this.#past.width;
    const noScales = new Array<number>(this.#model.adapters).fill(0);
    const { logits, vocabulary, past } = await this.#model.forward({
      tokens: slots.map((row) => row?.token ?? 0),
      rows: slots.length,
      pads: slots.map((row) => (row ? width - row.length : 0)),
      past: this.#past,
      scales: slots.flatMap((row) => row?.scales ?? noScales),
    });
    this.#past = past;
    return slots.flatMap((row, slot) => {
      if (!row) return [];
      row.length++;
      return [[row, logits.subarray(slot * vocabulary, (slot + 1) * vocabulary)] as const];
    });
  }

  /** Frees what the batch holds. */
  clear(): void {
    this.#slots = [];
    this.#joining = [];
    this.#replacePast(null);
  }

  async #settle(): Promise<void> {
    const staying = this.#slots.filter((row) => row !== null);
    if (staying.length + this.#joining.length === 0) return this.clear();
    if (this.#mustRelayout(staying)) return this.#relayout();
    if (this.#joining.length > 0) await this.#fillSlots();
  }

  #mustRelayout(staying: readonly Row[]): boolean {
    const rows = [...staying, ...this.#joining.map(({ row }) => row)];
    const slots = this.#slots.length;
    const width = this.#past?.width ?? 0;
    const longest = Math.max(...rows.map((row) => row.length));
    return (
      rows.length > slots ||
      longest > width ||
      // An empty slot is computed like any other; a quarter of them is worth the copying.
      slots - rows.length >= Math.max(1, slots / 4) ||
      width - longest > SPARE_WIDTH ||
      (width >= this.#contextTokens && longest < width)
    );
  }

  async #relayout(): Promise<void> {
    const old = this.#past && (await this.#model.read(this.#past));
    const staying: [Row, RowSource][] = this.#slots.flatMap((row, slot) =>
      row && old ? [[row, { from: old, row: slot, length: row.length }]] : [],
    );
    const joining = this.#joining.map(({ row, keyValues }): [Row, RowSource] => [
      row,
      { from: keyValues, row: 0, length: row.length },
    ]);
    const rows = [...staying, ...joining];
    const width = Math.max(...rows.map(([row]) => row.length));
    const sources = rows.map(([, source]) => source);
    this.#slots = rows.map(([row]) => row);
    this.#joining = [];
    this.#replacePast(this.#model.write(joinRows(sources, width, this.#model.shape)));
  }

  /** Puts the joining rows into empty slots, without copying the others. */
  async #fillSlots(): Promise<void> {
    const keyValues = await this.#model.read(this.#past as Past);
    for (const { row, keyValues: from } of this.#joining.splice(0)) {
      const slot = this.#slots.indexOf(null);
      placeRow(keyValues, slot, { from, row: 0, length: row.length }, this.#model.shape);
      this.#slots[slot] = row;
    }
    this.#replacePast(this.#model.write(keyValues));
  }

  #replacePast(past: Past | null): void {
    if (this.#past) disposePast(this.#past);
    this.#past = past;
  }
}
