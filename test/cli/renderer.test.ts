import { Writable } from 'node:stream';
import { expect, test } from 'vitest';

import type { Event } from '#engine';
import { chooseRenderer, openRenderer, type RendererName } from '../../pipelines/cli/renderer.ts';
import { safeText } from '../../pipelines/cli/safe-text.ts';

test.for([
  [{ json: true, github: true, ci: true, isTerminal: true }, 'json'],
  [{ json: false, github: true, ci: true, isTerminal: true }, 'github'],
  [{ json: false, github: false, ci: true, isTerminal: true }, 'plain'],
  [{ json: false, github: false, ci: false, isTerminal: true }, 'live'],
  [{ json: false, github: false, ci: false, isTerminal: false }, 'plain'],
] as const)('%j is shown by %s', ([facts, name]) => {
  expect(chooseRenderer(facts)).toBe(name);
});

test.for([
  ['hf_abcdefghijklmnopqrstuv in front', '*** in front'],
  ['Authorization: Bearer abcdefgh12345', 'Authorization: Bearer ***'],
  ['HF_TOKEN=abc pip install', 'HF_TOKEN=*** pip install'],
  ['https://me:pass@host/a.whl?signature=1#x failed', 'https://host/a.whl failed'],
  ['the value of-the-day of it', 'the value *** of it'],
  ['\u001B[31mred\u001B[0m \u001B]0;title\u0007text', 'red text'],
  ['10%\r20%\r\n30%\r', '20%\n30%'],
  ['one\ttwo\u0000\u0008\u202Eeerht', 'one  twoeerht'],
  ['ComfyUI @ 707b263, 100 % – ünïcode 模型', 'ComfyUI @ 707b263, 100 % – ünïcode 模型'],
] as const)('%j is shown as %j', ([text, safe]) => {
  expect(safeText(['of-the-day', ''])(text)).toBe(safe);
});

const line = { step: 0, task: 'fetch-model', name: 'fetch-model x', title: 'x from https://a:sesame@host/x' };
const events: readonly Event[] = [
  { type: 'run.started', pipeline: 'realize', subject: 'demo', steps: [line] },
  { type: 'step.started', step: 0, task: line.task, title: line.title, reason: { why: 'new' } },
  { type: 'step.output', step: 0, line: 'export TOKEN=sesame' },
  { type: 'note', level: 'warning', text: 'open sesame', step: 0 },
  {
    type: 'step.finished',
    ...line,
    ms: 5,
    outcome: 'failed',
    failure: { kind: 'bug', message: 'sesame', stack: 'Error: sesame\n    at sesame (https://host/x?sesame)' },
  },
];
const summary = { ok: false, built: 0, cached: 0, failed: 1, skipped: 0, bytes_fetched: 0, ms: 5, ms_saved: 0 };

test.for(['plain', 'json', 'github', 'live'] as const satisfies RendererName[])(
  '%s never shows a secret',
  async (name) => {
    let text = '';
    const stream = new Writable({ write: (chunk, _, done) => ((text += String(chunk)), done()) });
    const screen = stream as unknown as NodeJS.WriteStream;
    const emit = await openRenderer(name, { stream: screen, colour: true, secrets: ['sesame'] });
    for (const event of events) emit(event);
    emit({ type: 'run.finished', ...summary, exit_code: 70, result: { token: 'sesame' } });
    expect(text).toContain('***');
    expect(text).toContain('fetch-model');
    expect(text).not.toContain('sesame');
  },
);

test('a reader that went away does not end the run', async () => {
  const stream = new Writable({
    write: (_chunk, _, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
  });
  const emit = await openRenderer('json', {
    stream: stream as unknown as NodeJS.WriteStream,
    colour: false,
    secrets: [],
  });
  const closed = new Promise((resolve) => stream.once('close', resolve));
  emit(events[0]!);
  await closed;
  expect(() => emit(events[1]!)).not.toThrow();
});
