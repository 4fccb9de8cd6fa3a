import { cover, type PixelCanvas } from './pixel-canvas.ts';

/** A place in a picture in pixels, from its upper left corner. The middle of the first pixel is at 0.5, 0.5. */
export interface Point {
  x: number;
  y: number;
}

/** How a line looks. */
export interface Pen {
  ink: number;
  /** Pixels. */
  width: number;
  /** Lengths in pixels that are drawn and left out by turns; empty for a whole line. */
  dash: readonly number[];
}

/** Draws a line through the points with round ends and corners; a single point becomes a dot. */
export function strokePath(canvas: PixelCanvas, points: readonly Point[], pen: Pen): void {
  const [first] = points;
  if (first !== undefined && points.length === 1) drawPiece(canvas, first, first, pen.ink, 1.5 * pen.width);
  else strokeDashes(canvas, points, pen);
}

function strokeDashes(canvas: PixelCanvas, points: readonly Point[], { ink, width, dash }: Pen): void {
  const lengths = dash.length === 0 ? [Number.POSITIVE_INFINITY] : dash;
  let turn = 0;
  let left = lengths[0] ?? 0;
  for (const [index, to] of points.entries()) {
    const from = points[index - 1];
    if (from === undefined) continue;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    let done = 0;
    while (done < length) {
      const taken = Math.min(left, length - done);
      const end = done + taken;
      if (turn % 2 === 0)
        drawPiece(canvas, along(from, to, done / length), along(from, to, end / length), ink, width / 2);
      done = end;
      left -= taken;
      if (left > 0) continue;
      turn += 1;
      left = lengths[turn % lengths.length] ?? 0;
    }
  }
}

function along(from: Point, to: Point, share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** All that lies within `radius` of the straight piece. */
function drawPiece(canvas: PixelCanvas, from: Point, to: Point, ink: number, radius: number): void {
  const reach = radius + 1;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.sqrt(dx * dx + dy * dy);
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
  const bottom = Math.min(canvas.height - 1, Math.ceil(Math.max(from.y, to.y) + reach));
  const leftEnd = Math.min(from.x, to.x) - reach;
  const rightEnd = Math.max(from.x, to.x) + reach;
  // How far to both sides of the line a row is within reach of it.
  const slant = dy === 0 ? Number.POSITIVE_INFINITY : (reach * length) / Math.abs(dy);
  for (let y = top; y <= bottom; y += 1) {
    const middle = dy === 0 ? from.x : from.x + ((y + 0.5 - from.y) / dy) * dx;
    const left = Math.max(0, Math.floor(Math.max(leftEnd, middle - slant)));
    const right = Math.min(canvas.width - 1, Math.ceil(Math.min(rightEnd, middle + slant)));
    const py = y + 0.5 - from.y;
    for (let x = left; x <= right; x += 1) {
      const px = x + 0.5 - from.x;
      const share = length === 0 ? 0 : (px * dx + py * dy) / length;
      // Beside the piece the distance is that from the line; beyond its ends, from the end. Math.hypot would take ten times as long.
      const distance =
        share > 0 && share < length
          ? Math.abs(px * dy - py * dx) / length
          : Math.sqrt(share <= 0 ? px * px + py * py : (px - dx) ** 2 + (py - dy) ** 2);
      if (distance < radius + 0.5) cover(canvas, x, y, ink, radius + 0.5 - distance);
    }
  }
}
