import { present } from '../documents/present.ts';

type Environment = Readonly<Record<string, string>>;

/** Where the services are and the tokens for them, by the variables that their own tools read. */
export function servicesIn(environment: Environment) {
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  const emulator = first('STORAGE_EMULATOR_HOST');
  return {
    tokens: present({
      huggingFace: first('HF_TOKEN', 'HUGGINGFACE_TOKEN'),
      civitai: first('CIVITAI_TOKEN'),
      cloudStorage: first('CLOUDSDK_AUTH_ACCESS_TOKEN'),
    }),
    endpoints: present({
      huggingFace: first('HF_ENDPOINT') ?? 'https://huggingface.co',
      civitai: first('CIVITAI_ENDPOINT') ?? 'https://civitai.com',
      cloudStorage: emulator === undefined || emulator.includes('://') ? emulator : `http://${emulator}`,
    }),
  };
}
