/**
 * As much of a document as Observable Plot draws an SVG in, in a browser and in Node alike: the text is the same,
 * and a page takes it in without style elements, which its policy refuses. jsdom would bring a browser for this.
 */
export class SvgElement {
  readonly #attributes = new Map<string, string>();
  readonly #children: (SvgElement | string)[] = [];
  readonly name: string;
  readonly ownerDocument: SvgDocument;
  readonly namespaceURI = 'http://www.w3.org/2000/svg';
  parentNode: SvgElement | null = null;

  constructor(name: string, ownerDocument: SvgDocument) {
    this.name = name;
    this.ownerDocument = ownerDocument;
  }

  get children(): SvgElement[] {
    return this.#children.filter((child) => typeof child !== 'string');
  }
  set textContent(text: unknown) {
    this.#children.splice(0, Infinity, String(text));
  }
  setAttribute(name: string, value: unknown): void {
    this.#attributes.set(name, String(value));
  }
  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }
  hasAttribute(name: string): boolean {
    return this.#attributes.has(name);
  }
  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }
  appendChild(child: SvgElement): SvgElement {
    return this.insertBefore(child, null);
  }
  insertBefore(child: SvgElement, next: SvgElement | null): SvgElement {
    child.parentNode = this;
    const place = next === null ? -1 : this.#children.indexOf(next);
    this.#children.splice(place === -1 ? this.#children.length : place, 0, child);
    return child;
  }

  get inner(): string {
    return this.#children
      .map((child) => (typeof child === 'string' ? escapeXml(child) : child.outer))
      .join('');
  }
  /** As text, without style elements, and without labels of parts, which a picture with one label hides. */
  get outer(): string {
    if (this.name === 'style') return '';
    const attributes = [...this.#attributes]
      .filter(([name]) => !name.startsWith('aria-'))
      .map(([name, value]) => ` ${name}="${escapeXml(rounded(value))}"`)
      .join('');
    return `<${this.name}${attributes}>${this.inner}</${this.name}>`;
  }
}

export class SvgDocument {
  readonly documentElement = new SvgElement('svg', this);
  createElementNS(_space: string, name: string): SvgElement {
    return new SvgElement(name, this);
  }
}

/** A hundredth of a pixel is nothing, and its digits would be most of the text. */
function rounded(value: string): string {
  return value.replace(/\d+\.\d{3,}/g, (digits) => String(Number(Number(digits).toFixed(2))));
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}
