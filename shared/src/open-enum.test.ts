import { expect, it } from 'vitest';
import * as z from 'zod';
import { openEnum } from './open-enum.ts';

const kind = openEnum('other', z.enum(['disk', 'other']));
const policy = openEnum(null, z.enum(['accept', 'drop']).nullable());

it('keeps the words it knows and takes others for the neutral one', () => {
  expect([kind.parse('disk'), kind.parse('tape'), kind.parse('')]).toEqual(['disk', 'other', 'other']);
  expect([policy.parse('drop'), policy.parse('queue'), policy.parse(null)]).toEqual(['drop', null, null]);
});

it.each([undefined, 1, {}, ['disk']])('refuses %j, which is no word at all', (value) => {
  expect(kind.safeParse(value).success).toBe(false);
  expect(policy.safeParse(value).success).toBe(false);
});

it('is a field that must be there', () => {
  expect(z.object({ kind }).safeParse({}).success).toBe(false);
  expect(z.toJSONSchema(z.object({ kind }), { io: 'output' }).required).toEqual(['kind']);
});

it.each(['input', 'output'] as const)('is documented as the vocabulary that it is: %s', (io) => {
  expect(z.toJSONSchema(kind, { io })).toMatchObject({ type: 'string', enum: ['disk', 'other'] });
});
