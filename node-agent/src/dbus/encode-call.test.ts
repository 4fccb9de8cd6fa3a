import { marshallMessage } from 'dbus-next/lib/marshall-compat.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BusCall } from './bus.ts';
import { encodeCall } from './encode-call.ts';

const GET: BusCall = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1/unit/ssh_2eservice',
  interface: 'org.freedesktop.DBus.Properties',
  member: 'Get',
};

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0') && value.isWellFormed());
const argument = fc.oneof(
  text.map((value) => ({ type: 's', value })),
  fc.array(text).map((value) => ({ type: 'as', value })),
);
const name = fc.stringMatching(/^[A-Za-z_]{1,12}$/);

it('says byte for byte what the library says', () => {
  const call = fc.record({ member: name, segment: name, serial: fc.nat().map((n) => n + 1), flags: fc.nat(3) });
  fc.assert(
    fc.property(call, fc.array(argument, { maxLength: 5 }), ({ member, segment, serial, flags }, args) => {
      const signature = args.map(({ type }) => type).join('');
      const body = args.map(({ value }) => value);
      const made = { ...GET, path: `/a/${segment}`, member, signature, body };
      const [expected] = marshallMessage({ type: 1, ...made, body: [...body], serial, flags });
      expect(encodeCall(made, serial, flags)?.toString('hex')).toBe(expected.toString('hex'));
    }),
    { numRuns: 300 },
  );
});

it.each(['t', 'sv', 'a{sv}', 'ass(s)', 'aas'])('leaves %s to the library', (signature) => {
  expect(encodeCall({ ...GET, signature, body: [] }, 1, 0)).toBeNull();
});

it.each([
  ['s', []],
  ['s', ['a', 'b']],
  ['s', [1]],
  ['s', ['with\0zero']],
  ['as', ['not a list']],
  ['as', [['a', null]]],
])('refuses arguments that are not of type %s: %j', (signature, body) => {
  expect(() => encodeCall({ ...GET, signature, body }, 1, 0)).toThrow(TypeError);
});
