import { type Picture, readPng } from './png.ts';
import type { Core, Prompt } from './workbench.ts';

/** What `/history` tells of one prompt, as far as tests read it. */
export interface Finished {
  readonly outputs: Readonly<
    Record<string, { readonly images: readonly { filename: string; subfolder: string; type: string }[] }>
  >;
  readonly status: {
    readonly status_str: string;
    readonly completed: boolean;
    readonly messages: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
  };
}

/** What `POST /prompt` answers. */
export interface Queued {
  readonly prompt_id?: string;
  readonly number?: number;
  readonly error?: { readonly type: string; readonly message: string; readonly details: string };
  readonly node_errors: Readonly<Record<string, { readonly errors: readonly { type: string }[]; class_type: string }>>;
}

export async function getJson(core: Core, path: string): Promise<unknown> {
  return (await fetch(core.origin + path)).json();
}

export async function post(core: Core, path: string, body: unknown): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(core.origin + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, answer: await response.json() };
}

export async function queue(
  core: Core,
  prompt: Prompt | undefined,
  more = {},
): Promise<Queued & { readonly status: number }> {
  const { status, answer } = await post(core, '/prompt', { prompt, ...more });
  return { ...(answer as Queued), status };
}

/** Asks for the history until the prompt is in it. */
export async function follow(core: Core, id: string): Promise<Finished> {
  for (;;) {
    const history = (await getJson(core, `/history/${id}`)) as Record<string, Finished>;
    if (history[id]) return history[id];
  }
}

/** Runs a prompt to its end and answers the only picture it made. */
export async function picture(core: Core, prompt: Prompt): Promise<Picture> {
  const { prompt_id: id } = await queue(core, prompt);
  const { outputs } = await follow(core, id!);
  const [image, ...others] = Object.values(outputs).flatMap((output) => output.images);
  if (image === undefined || others.length > 0) throw new Error('Expected one picture');
  const response = await fetch(`${core.origin}/view?${new URLSearchParams(image).toString()}`);
  return readPng(Buffer.from(await response.arrayBuffer()));
}

/** Puts a picture into the input directory and answers what the core says of it. */
export async function upload(core: Core, name: string, file: Buffer, subfolder = ''): Promise<unknown> {
  const form = new FormData();
  form.set('image', new File([new Uint8Array(file)], name));
  form.set('subfolder', subfolder);
  return (await fetch(`${core.origin}/upload/image`, { method: 'POST', body: form })).json();
}

/** The smallest picture that says something: eight by four, blue. */
export const empty = { class_type: 'EmptyImage', inputs: { width: 8, height: 4, batch_size: 1, color: 255 } };

/** A node that saves what another makes. */
export const save = (from: string, prefix = 'test') => ({
  class_type: 'SaveImage',
  inputs: { images: [from, 0], filename_prefix: prefix },
});
