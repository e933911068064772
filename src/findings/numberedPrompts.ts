/** Numbers prompts from 0 in the order in which they come first. */
export class NumberedPrompts {
  readonly #numbers = new Map<string, number>();

  numberOf(prompt: string): number {
    const known = this.#numbers.get(prompt);
    if (known !== undefined) return known;
    const next = this.#numbers.size;
    this.#numbers.set(prompt, next);
    return next;
  }
}
