import { expect, test } from 'vitest';
import { readDer } from './der.ts';
import { readName } from './distinguished-name.ts';

const COMMON_NAME = '0603550403';
const ORGANIZATION = '060355040a';

/** A Name of relative names, each a list of [type in DER, tag of the value, value]. */
function nameOf(...relative: [string, number, Buffer][][]): ReturnType<typeof readName> {
  const wrap = (tag: number, ...parts: Buffer[]) => {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([tag, 0x82, content.length >> 8, content.length & 255]), content]);
  };
  const sets = relative.map((attributes) =>
    wrap(0x31, ...attributes.map(([type, tag, value]) => wrap(0x30, Buffer.from(type, 'hex'), wrap(tag, value)))),
  );
  return readName(readDer(wrap(0x30, ...sets)));
}

test('writes the most specific part first and escapes what RFC 4514 reserves', () => {
  const name = nameOf(
    [[ORGANIZATION, 0x0c, Buffer.from('Zürich, Ltd')]],
    [[ORGANIZATION, 0x13, Buffer.from('system:masters')]],
    [[COMMON_NAME, 0x0c, Buffer.from('#1+"x"')]],
  );
  expect(name.text).toBe('CN=\\#1\\+\\"x\\",O=system:masters,O=Zürich\\, Ltd');
  expect(name.commonName).toBe('#1+"x"');
  expect(name.organizations).toEqual(['Zürich, Ltd', 'system:masters']);
});

test('joins a name of several attributes, shows unknown types by number and unknown values in hexadecimal', () => {
  const name = nameOf([
    [COMMON_NAME, 0x1e, Buffer.from([0, 0x68, 0x4e, 0x2d])],
    ['06032a0304', 0x02, Buffer.from([5])],
  ]);
  expect(name.text).toBe('CN=h中+1.2.3.4=#0282000105');
});

test('an empty name has no text and no common name', () => {
  expect(nameOf()).toEqual({ text: '', commonName: null, organizations: [] });
});

test('bounds a name of many and long parts and says so with an ellipsis', () => {
  const name = nameOf(
    ...Array.from({ length: 50 }, (): [string, number, Buffer][] => [[ORGANIZATION, 0x0c, Buffer.alloc(400, 'x')]]),
  );
  expect(name.text).toHaveLength(512);
  expect(name.text.endsWith('…')).toBe(true);
  expect(name.organizations).toHaveLength(20);
});
