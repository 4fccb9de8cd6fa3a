import * as z from 'zod';

/**
 * A fixed vocabulary as whoever reads a newer agent's answer has to take it: a word that is not in it becomes `neutral`, which
 * says no more than that it is not known. Without this one new word would cost the answer of a whole node. What is no string is
 * refused as ever.
 * @param vocabulary an enum, or one that may be null
 */
export function openEnum<S extends z.ZodType>(neutral: z.output<S>, vocabulary: S) {
  return z.preprocess(
    (value) => (typeof value === 'string' && !vocabulary.safeParse(value).success ? neutral : value),
    vocabulary,
  );
}
