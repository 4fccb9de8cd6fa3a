import { describe, expect, it } from 'vitest';
import { keptMessage, showMessage, templateReader } from './event-message.ts';

const POD = 'ledger-7d9f8b6c5d-x2x7z';
const OTHER = 'ledger-7d9f8b6c5d-q9q8w';

const pod = (name: string) => ({ namespace: 'payments', name });

describe('templateReader', () => {
  it.each([
    [
      `Back-off restarting failed container main in pod ${POD}_payments(8a2b4c6d-1234-4234-a234-123456789abc)`,
      `Back-off restarting failed container main in pod ${OTHER}_payments(00000000-1234-4234-a234-123456789abc)`,
    ],
    ['0/100 nodes are available: 3 Insufficient memory.', '0/98 nodes are available: 41 Insufficient memory.'],
    [
      'Readiness probe failed: Get "http://10.42.1.7:8080/healthz": dial tcp 10.42.1.7:8080: connect: connection refused',
      'Readiness probe failed: Get "http://10.42.200.19:8080/healthz": dial tcp 10.42.200.19:8080: connect: connection refused',
    ],
    [
      'Successfully pulled image "r.example/cart:v1" in 1.2s (3.456s including waiting). Image size: 123456 bytes.',
      'Successfully pulled image "r.example/cart:v1" in 812ms (812ms including waiting). Image size: 99 bytes.',
    ],
    [`Created pod: ${POD}`, `Created pod: ${OTHER}`],
    [`Successfully assigned payments/${POD} to node-0007`, `Successfully assigned payments/${OTHER} to node-0031`],
  ])('finds that %j is said twice', (one, other) => {
    const read = templateReader();
    expect(read(one, pod(POD))).toBe(read(other, pod(OTHER)));
  });

  it.each([
    [
      'Readiness probe failed: HTTP probe failed with statuscode: 503',
      'Readiness probe failed: HTTP probe failed with statuscode: 404',
    ],
    ['Back-off pulling image "r.example/cart:v1"', 'Back-off pulling image "r.example/web:v1"'],
    ['Error: ImagePullBackOff', 'Error: ErrImagePull'],
  ])('keeps %j and %j apart', (one, other) => {
    const read = templateReader();
    expect(read(one, pod(POD))).not.toBe(read(other, pod(POD)));
  });

  it('leaves out the namespace of a name, so that what is said in several is the same', () => {
    const read = templateReader();
    const said = (namespace: string) =>
      read(`Successfully assigned ${namespace}/${POD} to node-1`, { namespace, name: POD });
    expect(said('shop')).toBe(said('payments'));
  });

  it('reads the same the second time, and after thousands of others', () => {
    const read = templateReader();
    const first = read('Killing 17 of x-0', pod('x-0'));
    for (let index = 0; index < 6000; index += 1) read(`another ${'abcdefghij'[index % 10]}${index}`, pod(''));
    expect(read('Killing 17 of x-0', pod('x-0'))).toBe(first);
  });
});

describe('showMessage', () => {
  const message = `Back-off restarting failed container main in pod ${POD}_payments(8a2b4c6d-1234-4234-a234-123456789abc)`;

  it('leaves out the uid, and a pod that is named beside it', () => {
    expect(showMessage(message, null)).toBe(`Back-off restarting failed container main in pod ${POD}`);
    expect(showMessage(message, POD)).toBe('Back-off restarting failed container main');
  });

  it('redacts before it cuts', () => {
    const long = `${'x'.repeat(120)} password=hunter2-must-not-leak ${'y'.repeat(20)}`;
    expect(showMessage(long, null)).toMatch(/^x+ password=\[redacted/);
  });

  it('takes messages with line breaks, escape sequences and nothing in them', () => {
    expect(showMessage('a\n\u001b[31mb\u001b[0m\u200b', '')).toBe('a b');
    expect(showMessage('', null)).toBe('');
  });
});

describe('keptMessage', () => {
  it('keeps no half of a secret', () => {
    const long = `${'x'.repeat(2030)} password=hunter2-must-not-leak ${'y'.repeat(2000)}`;
    expect(keptMessage(long)).toHaveLength(2048);
    expect(keptMessage(long)).not.toContain('hunt');
    expect(keptMessage('password=hunter2')).toBe('password=hunter2');
  });
});
