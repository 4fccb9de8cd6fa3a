/** A line as it came, without its line end. */
export interface ByteLine {
  text: string;
  /** Bytes at its end that were not held, 0 for all but huge lines. */
  lost: number;
}

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Gives what stands after the last line end. */
  end(): void;
}

/**
 * Splits bytes into lines, at LF or CRLF, and holds no more than `maxBytes` of one. Bytes that are no UTF-8 become U+FFFD.
 * Pushed rather than iterated: a promise per line costs more than the line.
 */
export function createLineSplitter(maxBytes: number, onLine: (line: ByteLine) => void): LineSplitter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let lost = 0;

  const hold = (piece: Buffer) => {
    const room = Math.max(0, maxBytes - heldBytes);
    // A copy: a piece would keep its whole chunk in memory.
    if (room > 0 && piece.length > 0) held.push(Buffer.from(piece.subarray(0, room)));
    heldBytes += Math.min(room, piece.length);
    lost += Math.max(0, piece.length - room);
  };
  const give = () => {
    const text = Buffer.concat(held, heldBytes).toString();
    onLine({ text: lost === 0 && text.endsWith('\r') ? text.slice(0, -1) : text, lost });
    held = [];
    heldBytes = 0;
    lost = 0;
  };

  return {
    push: (chunk) => {
      const first = chunk.indexOf(LF);
      if (first < 0) return hold(chunk);
      hold(chunk.subarray(0, first));
      give();
      const last = chunk.lastIndexOf(LF);
      if (last > first) splitWhole(chunk.subarray(first + 1, last), maxBytes, onLine);
      hold(chunk.subarray(last + 1));
    },
    end: () => {
      if (heldBytes > 0 || lost > 0) give();
    },
  };
}

const LF = 0x0a;

/** Lines that lie in one chunk are decoded at once. LF is never a part of a longer character in UTF-8. */
function splitWhole(bytes: Buffer, maxBytes: number, onLine: (line: ByteLine) => void): void {
  for (const text of bytes.toString().split('\n')) {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    // Characters, not bytes, are compared here; chunks are far smaller than the limit unless somebody sends huge ones.
    if (line.length <= maxBytes) onLine({ text: line, lost: 0 });
    else onLine({ text: line.slice(0, maxBytes), lost: Buffer.byteLength(line.slice(maxBytes)) });
  }
}
