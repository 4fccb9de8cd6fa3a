import * as z from 'zod';

/** A moment as Go writes it in JSON: RFC 3339 with up to nine digits of a second; null for Go's zero time, which means none. */
export const GoTime = z
  .string()
  .nullish()
  .transform((text): Date | null => {
    const time = new Date(text ?? '');
    return Number.isNaN(time.getTime()) || time.getUTCFullYear() <= 1 ? null : time;
  });
