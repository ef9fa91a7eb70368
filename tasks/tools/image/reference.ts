import { Failed } from '#engine';

/** Where an image is in a registry: `http://127.0.0.1:5000`, `comfy/demo`, `latest`. */
export interface Reference {
  readonly origin: string;
  readonly name: string;
  readonly tag: string;
}

const host = /^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[\da-f:]+\])(?::\d{1,5})?$/i;
const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i;
const part = /^[a-z\d]+(?:(?:\.|_{1,2}|-+)[a-z\d]+)*$/;
const tagForm = /^\w[\w.-]{0,127}$/;

/** Reads `registry.example.com:5000/name:tag`. Only a registry of this machine is spoken to without TLS. Throws Failed (usage). */
export function parseReference(text: string): Reference {
  const [, where = '', name = '', tag = 'latest'] = /^([^/]*)\/(.*?)(?::([^:/]*))?$/.exec(text) ?? [];
  const hint = 'write it as registry.example.com/name:tag';
  const refuse = (problem: string): Failed => new Failed({ kind: 'usage', problem: `${problem}: ${text}`, hint });
  if (!host.test(where) || !(/[.:]/.test(where) || loopback.test(where))) throw refuse('This names no registry');
  if (!name.split('/').every((word) => part.test(word))) throw refuse('This is no name of an image');
  if (!tagForm.test(tag)) throw refuse('This is no tag of an image');
  return { origin: `${loopback.test(where) ? 'http' : 'https'}://${where}`, name, tag };
}
