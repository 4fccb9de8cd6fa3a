import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ToolError } from './errors.ts';
import { defineTool } from './tool.ts';
import { inputJsonSchema, parseArguments } from './tool-arguments.ts';

const tool = defineTool({
  name: 'x.y',
  title: 'X',
  description: 'x',
  paged: true,
  input: z.strictObject({
    unit: z.string().min(1, 'must not be empty').max(255, 'must be 255 characters at most'),
    node: z.string().optional(),
    limit: z.number().int().min(1).max(100).optional(),
    points: z.boolean().optional(),
    kind: z.enum(['pods', 'nodes']).optional(),
  }),
  run: () => Promise.reject(new Error('not called')),
});

describe('parseArguments', () => {
  it('takes numbers and booleans written as strings, strings written as numbers, and null as left out', () => {
    expect(parseArguments(tool, { unit: 5, limit: '5', points: 'true', node: null })).toEqual({
      unit: '5',
      limit: 5,
      points: true,
    });
  });

  it.each([
    [
      'an unknown argument',
      { unit: 'a', namespace: 'b' },
      'namespace: no such argument',
      'x.y takes unit, node?, limit?, points?, kind?, cursor?.',
    ],
    ['a missing one', {}, 'unit: is required', 'x.y takes unit, node?, limit?, points?, kind?, cursor?.'],
    ['a wrong type', { unit: 'a', limit: 'many' }, 'limit: Invalid input: expected number, received string', null],
    ['a number out of range', { unit: 'a', limit: 1000 }, 'limit: Too big', null],
    ['an unknown choice', { unit: 'a', kind: 'jobs' }, 'kind: Invalid option: expected one of "pods"|"nodes"', null],
    ['a nested value', { unit: { a: 1 } }, 'unit: Invalid input: expected string', null],
    ['a 1 MB string', { unit: 'x'.repeat(1_000_000) }, 'unit: is 1000000 characters long; 16384 are the most', null],
    ['a control character', { unit: 'a\u0000b' }, 'unit: has a control character at position 1', null],
    ['an array', ['unit'], 'arguments: must be an object', null],
    ['a string', 'unit=a', 'arguments: must be an object', null],
    ['a huge name', { ['n'.repeat(5000)]: 1 }, `${'n'.repeat(60)}…: no such argument`, null],
  ])('refuses %s by name', (_, given, message, hint) => {
    const error = catchError(() => parseArguments(tool, given));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
    expect(error.message.length).toBeLessThan(300);
    if (hint !== null) expect(error.hint).toBe(hint);
  });

  it('names every wrong argument at once', () => {
    expect(catchError(() => parseArguments(tool, { limit: 0, kind: 'x' })).message).toMatch(
      /unit: is required; limit: .*; kind: /,
    );
  });

  it('never fails with anything but an invalid_argument', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        try {
          parseArguments(tool, given);
        } catch (error) {
          expect(error).toBeInstanceOf(ToolError);
        }
      }),
    );
  });
});

describe('inputJsonSchema', () => {
  it('is flat, strict, and has a cursor for a paged tool', () => {
    const schema = inputJsonSchema(tool);
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false, required: ['unit'] });
    expect(Object.keys(schema.properties as object)).toEqual(['unit', 'node', 'limit', 'points', 'kind', 'cursor']);
    expect(JSON.stringify(schema)).not.toMatch(/\$schema|anyOf|oneOf|"null"/);
  });
});

function catchError(run: () => unknown): ToolError {
  try {
    run();
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
