import { describe, expect, it } from 'vitest';
import { isLoopback, Listen, showListen } from './listen.ts';

describe('Listen', () => {
  it.each([
    ['127.0.0.1:9110', { host: '127.0.0.1', port: 9110 }, true, 'http://127.0.0.1:9110'],
    ['127.8.8.8:1', { host: '127.8.8.8', port: 1 }, true, 'http://127.8.8.8:1'],
    ['localhost:0', { host: 'localhost', port: 0 }, true, 'http://localhost:0'],
    ['[::1]:9110', { host: '::1', port: 9110 }, true, 'http://[::1]:9110'],
    ['unix:/run/x.sock', { path: '/run/x.sock' }, true, 'unix:/run/x.sock'],
    [':9110', { host: '0.0.0.0', port: 9110 }, false, 'http://0.0.0.0:9110'],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }, false, 'http://0.0.0.0:80'],
    ['[::]:80', { host: '::', port: 80 }, false, 'http://[::]:80'],
    ['127.evil.example:80', { host: '127.evil.example', port: 80 }, false, 'http://127.evil.example:80'],
    ['node-7:80', { host: 'node-7', port: 80 }, false, 'http://node-7:80'],
  ])('reads %s', (text, listen, loopback, shown) => {
    expect(Listen.parse(text)).toEqual(listen);
    expect(isLoopback(Listen.parse(text))).toBe(loopback);
    expect(showListen(Listen.parse(text))).toBe(shown);
  });

  it.each([
    '',
    '9110',
    '127.0.0.1',
    '127.0.0.1:99999',
    '::1:9110',
    'unix:relative',
    'http://127.0.0.1:1',
    '127.0.0.1:9110\n',
  ])('refuses %j', (text) => {
    expect(Listen.safeParse(text).error?.issues[0]?.message).toBe(
      'must be host:port, [ipv6]:port or unix:/absolute/path',
    );
  });
});
