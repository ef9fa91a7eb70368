/** The packages that are made for one kind of graphics card, and published on an index for each. */
const family: ReadonlySet<string> = new Set([
  'torch',
  'torchvision',
  'torchaudio',
  'torchao',
  'torchtext',
  'xformers',
  'triton',
  'triton-rocm',
  'triton-xpu',
  'pytorch-triton',
  'pytorch-triton-rocm',
  'pytorch-triton-xpu',
]);

/** Those that are nowhere else for a card: the package of the same name on another index is another build. */
const nowhereElse: ReadonlySet<string> = new Set(['torch', 'torchvision', 'torchaudio']);

/** Whether a package is looked for on the index of a torch build: there alone, there first, or not at all. */
export const placeInTorch = (name: string): 'alone' | 'first' | 'never' =>
  nowhereElse.has(name) ? 'alone' : family.has(name) ? 'first' : 'never';

/** Where builds of torch are published, unless somebody keeps a mirror. */
export const usualTorchIndex = 'https://download.pytorch.org/whl';

/** What `rocm` without a number stands for. */
const rocm = 'rocm7.2';

/** The index of one build: `cu128`, `cpu`, `rocm6.4`. */
export const torchIndex = (base: string, build: string): string =>
  `${base.replace(/\/+$/, '')}/${build === 'rocm' ? rocm : build}`;
