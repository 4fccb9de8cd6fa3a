import { describe, expect, it } from 'vitest';
import { createCanvas, type PixelCanvas, SHADES } from './pixel-canvas.ts';
import { strokePath } from './stroke-path.ts';

/** The picture as text: space for paper, `+` for an edge, `#` for the ink. */
function show({ width, height, pixels }: PixelCanvas): string[] {
  return Array.from({ length: height }, (_, y) =>
    [...pixels.subarray(y * width, (y + 1) * width)]
      .map((value) => (value === 0 ? ' ' : value === SHADES ? '#' : '+'))
      .join('')
      .trimEnd(),
  );
}

describe('strokePath', () => {
  it('draws from point to point', () => {
    const canvas = createCanvas(12, 6);
    const points = [
      { x: 1, y: 5 },
      { x: 6, y: 2 },
      { x: 11, y: 2 },
    ];
    strokePath(canvas, points, { ink: 0, width: 2, dash: [] });
    expect(show(canvas)).toMatchInlineSnapshot(`
      [
        "",
        "    ++#####+",
        "  ++#######+",
        " +###+",
        "+##++",
        "+++",
      ]
    `);
  });

  it('goes on with its dashes around corners', () => {
    const canvas = createCanvas(20, 8);
    const points = [
      { x: 1, y: 2 },
      { x: 18, y: 2 },
      { x: 18, y: 7 },
    ];
    strokePath(canvas, points, { ink: 0, width: 2, dash: [4, 5] });
    expect(show(canvas)).toMatchInlineSnapshot(`
      [
        "",
        "+####+   +####+",
        "+####+   +####+  ++",
        "                 ##",
        "                 ##",
        "                 ##",
        "                 ##",
        "                 ++",
      ]
    `);
  });

  it('draws a dot where there is one point, or the same twice, and nothing for none', () => {
    const canvas = createCanvas(7, 7);
    strokePath(canvas, [], { ink: 0, width: 2, dash: [] });
    expect(canvas.pixels.every((value) => value === 0)).toBe(true);
    strokePath(canvas, [{ x: 3.5, y: 3.5 }], { ink: 0, width: 2, dash: [3, 4] });
    expect(show(canvas)).toMatchInlineSnapshot(`
      [
        "  +++",
        " +###+",
        "+#####+",
        "+#####+",
        "+#####+",
        " +###+",
        "  +++",
      ]
    `);
  });

  it('stays inside of the picture, however far its points lie outside', () => {
    const canvas = createCanvas(5, 3);
    const points = [
      { x: -1e6, y: 1.5 },
      { x: 1e6, y: 1.5 },
    ];
    strokePath(canvas, points, { ink: 0, width: 1, dash: [] });
    expect(show(canvas)).toEqual(['', '#####', '']);
  });
});
