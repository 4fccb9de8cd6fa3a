/**
 * A picture in few colours: a byte per pixel, 0 for the paper, else one of `SHADES` shades of one of 51 inks. With a palette
 * it makes a PNG of a third of the size that full colours would, and needs as much less memory.
 */
export interface PixelCanvas {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** Shades of an ink; the last one is the ink itself. With more of them edges look the same, but files are larger. */
export const SHADES = 5;

/** Red, green and blue, 0 to 255 each. */
export type Rgb = readonly [number, number, number];

export function createCanvas(width: number, height: number): PixelCanvas {
  return { width, height, pixels: new Uint8Array(width * height) };
}

/**
 * Puts ink on the pixel, `shade` (0 to 1) of it covered. The picture has no mixed colours: the edge of a line that is drawn
 * over another one leaves it as it is where it covers less than half of a pixel.
 */
export function cover(canvas: PixelCanvas, x: number, y: number, ink: number, shade: number): void {
  const { width, height, pixels } = canvas;
  const level = Math.min(SHADES, Math.round(shade * SHADES));
  if (level <= 0 || x < 0 || y < 0 || x >= width || y >= height) return;
  const at = y * width + x;
  const before = pixels[at] ?? 0;
  const value = ink * SHADES + level;
  const sameInk = before > ink * SHADES && before <= (ink + 1) * SHADES;
  if (before === 0 || (sameInk ? value > before : 2 * level > SHADES)) pixels[at] = value;
}

/** Covers whole pixels. */
export function fillBox(
  canvas: PixelCanvas,
  box: { x: number; y: number; width: number; height: number },
  ink: number,
) {
  for (let y = box.y; y < box.y + box.height; y += 1)
    for (let x = box.x; x < box.x + box.width; x += 1) cover(canvas, x, y, ink, 1);
}

/** The same picture with hard edges: half as many bytes as a file where lines are so many that edges are most of it. */
export function withoutShades({ width, height, pixels }: PixelCanvas): PixelCanvas {
  const hard = pixels.map((value) => {
    const level = value === 0 ? 0 : ((value - 1) % SHADES) + 1;
    return 2 * level < SHADES ? 0 : value - level + SHADES;
  });
  return { width, height, pixels: hard };
}

/** The colours of all values of a pixel: the paper, then the shades of each ink. */
export function paletteOf(paper: Rgb, inks: readonly Rgb[]): Rgb[] {
  return [
    paper,
    ...inks.flatMap(([red, green, blue]) =>
      Array.from({ length: SHADES }, (_, index): Rgb => {
        const share = (index + 1) / SHADES;
        const mix = (from: number, to: number) => Math.round(from + (to - from) * share);
        return [mix(paper[0], red), mix(paper[1], green), mix(paper[2], blue)];
      }),
    ),
  ];
}
