import { escapeHtml } from './escapeHtml.ts';

export interface HtmlPage {
  readonly title: string;
  /** What stands within `main`, as HTML. */
  readonly body: string;
  /** Rules of this kind of page, after the common ones. */
  readonly styles?: string;
}

/** One file without scripts, which needs nothing else and reads on a phone, by day, by night and on paper. */
export function htmlPage({ title, body, styles = '' }: HtmlPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${common}${styles}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** A voice's colour as a value of CSS; one that this file has no name for is the base's. */
export function voiceColour(voice: string): string {
  return `var(--voice-${voice},var(--voice-base))`;
}

/** Colours are those of the app (src/app/styles/tokens.css). */
const common = `
:root { color-scheme: light dark;
--voice-base: light-dark(#55656f, #a5b4be); --voice-maria: light-dark(#ad4326, #f0906f);
--voice-emily: light-dark(#25693f, #79c492); --voice-mini: light-dark(#805d00, #dab042);
--voice-violet: light-dark(#7a3c9b, #c79bea); --voice-teal: light-dark(#006f83, #55c3d8);
--voice-rose: light-dark(#b0296b, #f48dba); --voice-olive: light-dark(#5c6a00, #b9c94c);
--ink: light-dark(#1b2226, #e7ebea); --ink-soft: light-dark(#4c575c, #aab4b6); --paper: light-dark(#fafbfa, #14181a);
--rule: light-dark(#dce2e0, #2d3538); --link: light-dark(#2348b5, #9db7ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 0.5rem; font-size: 1.25rem; }
p, ul, ol { max-width: 44rem; }
a { color: var(--link); }
@media print { :root { color-scheme: light; } }
`;
