import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import fastify from 'fastify';
import { expect, it, vi } from 'vitest';
import { RequestError } from './http-errors.ts';
import { boundUnsentAnswers, createUnsentAnswers } from './unsent-answers.ts';

const response = () => new ServerResponse(new IncomingMessage(new Socket()));

it('holds answers up to the bound, and further ones once others were sent or given up', () => {
  const { mayHold, learn } = createUnsentAnswers(100);
  learn('/small', 40);
  learn('/large', 60);
  const small = response();
  expect([mayHold(response(), '/large'), mayHold(small, '/small'), mayHold(response(), '/small')]).toEqual([
    true,
    true,
    false,
  ]);
  small.emit('close');
  expect([mayHold(response(), '/large'), mayHold(response(), '/small')]).toEqual([false, true]);
});

it('holds one that is larger than the bound, alone', () => {
  const { mayHold, learn } = createUnsentAnswers(100);
  learn('/', 1000);
  const large = response();
  expect([mayHold(large, '/'), mayHold(response(), '/')]).toEqual([true, false]);
  large.emit('close');
  expect(mayHold(response(), '/')).toBe(true);
});

it('takes an answer it does not know for a large one', () => {
  const { mayHold } = createUnsentAnswers(256 * 1024);
  const held = Array.from({ length: 10 }, (_, at) => mayHold(response(), `/${at}`));
  expect(held.filter(Boolean)).toHaveLength(4);
});

it('refuses large answers while one that fills memory is not taken, answers all else, and gives them again afterwards', async () => {
  const app = fastify();
  boundUnsentAnswers(app, ['/large'], 1024 * 1024);
  app.setErrorHandler((error, _request, reply) =>
    reply
      .code(error instanceof RequestError ? error.status : 500)
      .send(error instanceof RequestError && error.answer()),
  );
  app.get('/large', async () => ({ text: 'x'.repeat(32 * 1024 * 1024) }));
  app.get('/small', async () => ({ status: 'ok' }));
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  await (await fetch(`${origin}/large`)).arrayBuffer();
  const idle = connect(Number(new URL(origin).port), '127.0.0.1');
  idle.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(idle, 'readable');
  const refused = await fetch(`${origin}/large`);
  expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: 'busy' } }]);
  expect((await fetch(`${origin}/small`)).status).toBe(200);
  idle.destroy();
  await vi.waitFor(async () => {
    const again = await fetch(`${origin}/large`);
    await again.arrayBuffer();
    expect(again.status).toBe(200);
  });
  await app.close();
});
