import * as z from 'zod/mini';

import { Blob } from '#cache';
import { definePlaced, Failed, type LibraryEntry, type Part } from '#engine';
import { Placement } from './placement.ts';
import { RelativePath } from './vocabulary.ts';

const Model = z.object({ root: z.enum(['models', 'target']), path: RelativePath, file: z.object({ file: Blob }) });

/**
 * Links every model into the target: one copy on disk, whatever the number of versions. MODELS_DIR shows them too, for
 * other programs; the target's own links decide, so that two versions may disagree about a name.
 */
export const linkModels = definePlaced({
  name: 'link-models',
  revision: 1,
  resource: 'disk',
  input: z.object({ models: z.array(Model), folders: z.array(z.string()) }),
  output: z.extend(Placement, { shown: z.array(z.object({ path: RelativePath, blob: Blob })) }),
  title: ({ models }) => `${models.length} ${models.length === 1 ? 'model' : 'models'}`,
  slot: () => 'models',
  stillThere: ({ shown }, { site, library }) => site.holds('models') && library.shows(shown),
  async run({ models, folders }, { library, report, site }) {
    const links = models.map(({ root, path, file }): Part => ({
      at: root === 'models' ? `models/${path}` : path,
      blob: file.file,
    }));
    const yaml: readonly Part[] =
      library.fromTarget === undefined || library.isBehindLink
        ? []
        : [{ at: 'extra_model_paths.yaml', text: extraModelPaths(library.fromTarget, folders) }];
    const shown = models
      .filter(({ root }) => root === 'models')
      .map(({ path, file }): LibraryEntry => ({ path, blob: file.file }));
    const occupied = library.show(shown);
    if (library.isBehindLink && occupied[0] !== undefined) throw takenInLibrary(occupied[0]);
    for (const path of occupied)
      report.note('info', `MODELS_DIR has a ${path} of its own: it stays, and the target uses the one that is locked`);
    const placement = await site.stage({
      slot: 'models',
      base: '',
      parts: [...links, ...yaml],
      ...(library.isBehindLink && { yieldsTo: ['models'] }),
      linkHint: ({ path, to }) =>
        path === 'models'
          ? `give --models-dir ${to}, where models leads: it then shows them; or remove the link`
          : `put a directory in place of ${path}, or choose another target`,
    });
    return { ...placement, shown };
  },
});

const takenInLibrary = (path: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `to show ${path}`,
    because: 'models leads to MODELS_DIR, which has another file of that name',
    hint: `move the file away, or put a directory in place of models: then the target has links of its own`,
  });

/** Tells ComfyUI of MODELS_DIR, in the form its `extra_model_paths.yaml.example` documents. Relative: a volume may be mounted elsewhere. */
const extraModelPaths = (base: string, folders: readonly string[]): string =>
  [
    '# Written by pipeline: models that are not of this version alone.',
    'pipeline:',
    `  base_path: ${JSON.stringify(base)}`,
    ...folders.map((folder) => `  ${folder}: ${folder}`),
    '',
  ].join('\n');
