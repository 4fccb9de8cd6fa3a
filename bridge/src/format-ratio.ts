/** A ratio as a share of a hundred, `7%`, with one digit behind the point below ten: `0.4%`. */
export function showShare(ratio: number): string {
  const value = ratio * 100;
  return `${value >= 9.95 ? Math.round(value) : Number(value.toFixed(1))}%`;
}

/** Frequencies in the unit people speak of: `2.85GHz`, `800MHz`. */
export function showMhz(megahertz: number): string {
  return megahertz < 1000 ? `${Math.round(megahertz)}MHz` : `${Number((megahertz / 1000).toFixed(2))}GHz`;
}
