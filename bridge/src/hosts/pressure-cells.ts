import type { PressureShare, PressureState } from '@telemcp/shared/pressure';
import type { Cell, Table } from '../answer.ts';
import { showShare } from '../format-ratio.ts';

/** `42% 31% 19% of the last 10s 60s 300s`; null where it was not measured. */
export function showPressure(share: PressureShare | null | undefined): string | null {
  if (share == null) return null;
  const { avg10Ratio, avg60Ratio, avg300Ratio } = share;
  return `${[avg10Ratio, avg60Ratio, avg300Ratio].map(showShare).join(' ')} of the last 10s 60s 300s`;
}

/** The last minute of it: long enough to be no accident, short enough to be now. */
export function lastMinute(share: PressureShare | null | undefined): string | null {
  return share == null ? null : showShare(share.avg60Ratio);
}

/** Why there is no pressure to show, in words; null where there is. */
export function pressureGap(state: PressureState): string | null {
  return { on: null, off: 'switched off (psi=0)', absent: 'not measured by this kernel', unreadable: 'not readable' }[
    state
  ];
}

/** The table without the columns in which no row has a value. */
export function withoutEmptyColumns({ columns, rows, ...rest }: Table): Table {
  const kept = columns.map((_, index) => rows.some((row) => row[index] !== null));
  const keep = <T>(cells: readonly T[]) => cells.filter((_, index) => kept[index]);
  return { ...rest, columns: keep(columns), rows: rows.map((row): Cell[] => keep(row)) };
}

/** The one in the middle of the known values; null without any. */
export function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[Math.floor((known.length - 1) / 2)] ?? null;
}
