import { GLYPHS, type Glyph } from './glyphs.ts';
import { cover, type PixelCanvas } from './pixel-canvas.ts';

/** Writes one line; `x` is where it begins, `y` the top of the line. */
export function drawText(canvas: PixelCanvas, x: number, y: number, text: string, ink: number): void {
  let pen = Math.round(x);
  const from = Math.round(y);
  for (const { advance, left, top, width, shades } of glyphsOf(text)) {
    for (const [index, shade] of shades.entries()) {
      if (shade > 0)
        cover(canvas, pen + left + (index % width), from + top + Math.floor(index / width), ink, shade / 15);
    }
    pen += advance;
  }
}

/** Pixels that a line of text takes. */
export function textWidth(text: string): number {
  return glyphsOf(text).reduce((sum, { advance }) => sum + advance, 0);
}

/** The text, or as much of its beginning as fits with a `…` behind it. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const room = width - textWidth('…');
  let shown = '';
  let taken = 0;
  for (const sign of text) {
    taken += textWidth(sign);
    if (taken > room) break;
    shown += sign;
  }
  return `${shown.trimEnd()}…`;
}

/** Accents are left out; other characters that there is no picture of are boxes. */
function glyphsOf(text: string): Glyph[] {
  return [...text.normalize('NFC')].flatMap((sign) => {
    const glyph = GLYPHS.get(sign) ?? GLYPHS.get(sign.normalize('NFKD').charAt(0)) ?? GLYPHS.get('□');
    return glyph === undefined ? [] : [glyph];
  });
}
