import fontUrl from '@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2?url';
import { standaloneSvg } from '../../../figures/figureSvg.ts';
import type { FigureModels } from '../../../figures/picture.ts';
import type { Figure } from '../../../findings/report/figure.ts';
import { fileNameOf } from '../../state/downloadFile.ts';
import { saveFile } from '../../state/saveFile.ts';

/** A column and a half of a printed page. */
const width = 640;
/** Pixels of the picture for one of the page: sharp in print and on a slide. */
const scale = 3;

/** Offers the figure as a file that any program for drawings opens. */
export async function saveSvg(figure: Figure, models: FigureModels, name: string): Promise<void> {
  const { text } = onPaper(figure, models);
  saveFile(`${fileNameOf(name)}.svg`, new Blob([text], { type: 'image/svg+xml' }));
}

/** Offers the figure as a picture. Errors: Error, where the browser cannot draw it. */
export async function savePng(figure: Figure, models: FigureModels, name: string): Promise<void> {
  const { text, width: wide, height } = onPaper(figure, models);
  const image = await imageOf(text.replace(/>/, `><style>${await fontRule()}</style>`));
  const canvas = document.createElement('canvas');
  canvas.width = wide * scale;
  canvas.height = height * scale;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('This browser could not make the picture. Save the SVG instead.');
  saveFile(`${fileNameOf(name)}.png`, blob);
}

/** In the light colours, whatever the page shows: files go into papers and slides. */
function onPaper(figure: Figure, models: FigureModels) {
  const probe = document.createElement('span');
  probe.hidden = true;
  probe.style.colorScheme = 'light';
  document.body.append(probe);
  const resolve = (colour: string): string => {
    if (colour === 'var(--paper)') return '#ffffff';
    probe.style.color = colour === 'currentColor' ? 'var(--ink)' : colour;
    return getComputedStyle(probe).color;
  };
  try {
    return standaloneSvg(figure, { width, models }, resolve);
  } finally {
    probe.remove();
  }
}

/** A picture has none of the page's fonts, so it brings its own. */
async function fontRule(): Promise<string> {
  const response = await fetch(fontUrl);
  if (!response.ok) throw new Error('The font could not be fetched. Check the network, or save the SVG.');
  const bytes = new Uint8Array(await response.arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return `@font-face{font-family:'Source Sans 3 Variable';font-weight:200 900;src:url(data:font/woff2;base64,${btoa(letters)})}`;
}

async function imageOf(svg: string): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    throw new Error('This browser could not draw the figure. Save the SVG instead.');
  } finally {
    URL.revokeObjectURL(url);
  }
  return image;
}
