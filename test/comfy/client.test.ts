import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';

import { toFailure } from '#engine';

import { executedPrompt, queuePrompt, uploadImage } from '../../tasks/tools/comfy/client.ts';
import { executeGraph } from '../../tasks/tools/comfy/execute.ts';

const { signal } = new AbortController();
type Answer = readonly [status: number, body: unknown];

/** A server that answers as it is told, and keeps what it was asked: `POST /prompt {...}`. */
async function answeringWith(answer: (path: string, asked: readonly string[]) => Answer) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString('latin1')}`.trim());
      const [status, body] = answer(request.url!, asked);
      response.writeHead(status).end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const record = { outputs: {}, status: { status_str: 'success', messages: [] } };

it('an end that nobody told is found all the same', async () => {
  await using server = await answeringWith((_, asked) => [200, asked.length < 2 ? {} : { x: record }]);
  const soon = new Promise<void>(() => {});
  expect(await executedPrompt(server.origin, 'x', { signal, soon })).toMatchObject(record);
  expect(server.asked).toEqual(['GET /history/x', 'GET /history/x']);
});

it('a workflow of which only a part would run is taken back', async () => {
  const node_errors = { 4: { class_type: 'A', errors: [{ message: 'no' }] } };
  await using server = await answeringWith((path) => [
    200,
    path === '/prompt' ? { prompt_id: 'x', node_errors } : undefined,
  ]);
  const queued = { graph: {}, client: 'c', file: 'w.json' };
  const failure = await queuePrompt(server.origin, queued, { signal }).catch(toFailure);
  expect(failure).toMatchObject({ kind: 'workflow', nodes: [{ id: '4', class: 'A', message: 'no' }] });
  expect(server.asked.slice(1)).toEqual(['POST /queue {"delete":["x"]}', 'POST /interrupt {"prompt_id":"x"}']);
});

it('a server without a WebSocket is no ComfyUI', async () => {
  await using server = await answeringWith(() => [200, {}]);
  const failure = await executeGraph(server.origin, { graph: {}, file: 'w' }, { signal, hear: () => {} }).catch(
    toFailure,
  );
  expect(failure).toMatchObject({ kind: 'network', problem: 'It takes no WebSocket' });
  expect(server.asked.filter((asked) => asked.startsWith('POST'))).toEqual([]);
});

it('a picture that is too large for the server is refused', async () => {
  await using server = await answeringWith(() => [413, undefined]);
  const image = { name: 'a"b.png', subfolder: 's', bytes: Buffer.from('bytes') };
  const failure = await uploadImage(server.origin, image, { signal }).catch(toFailure);
  expect(failure).toMatchObject({ kind: 'refused', what: 'a"b.png' });
  expect(server.asked[0]).toContain('filename="a%22b.png"');
});
