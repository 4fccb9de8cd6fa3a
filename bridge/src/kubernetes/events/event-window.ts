/** Whether an event last seen then is in the window; one without a time is not left out for that. */
export function isWithin(last: number | null, start: Date): boolean {
  return last === null || last >= start.getTime();
}
