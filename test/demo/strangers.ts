import { join } from 'node:path';

import { assemble, type Bench, copyModels } from './workbench.ts';

const node = (body: string, classes = ''): string => `${body}\nNODE_CLASS_MAPPINGS = {${classes}}\n`;

/** Nodes that misbehave, or that must not be loaded. */
const strangers = {
  'custom_nodes/broken/__init__.py': 'import no_such_module\n',
  'custom_nodes/leaves.py': 'raise SystemExit("bye")\n',
  'custom_nodes/off.disabled/__init__.py': 'raise RuntimeError("loaded")\n',
  'custom_nodes/.disabled/old@1_0_0/__init__.py': 'raise RuntimeError("loaded")\n',
  'custom_nodes/failing.v2/__init__.py': node(
    'from .inside import Failing, Waiting',
    '"Failing": Failing, "Waiting": Waiting',
  ),
  'custom_nodes/failing.v2/inside.py': `
from comfy_demo.progress import raise_if_interrupted

class Failing:
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "fail"
    INPUT_TYPES = classmethod(lambda cls: {"required": {"image": ("IMAGE",)}})

    def fail(self, image):
        raise ValueError("no luck")

class Waiting:
    RETURN_TYPES = ()
    FUNCTION = "wait"
    OUTPUT_NODE = True
    INPUT_TYPES = classmethod(lambda cls: {})

    def wait(self):
        while True:
            raise_if_interrupted()
`,
  'extra_model_paths.yaml':
    '# where the models are\ncomfyui:\n  base_path: ../models of mine\n  is_default: true\n  palettes: "palettes" # ours\n',
};

/** The demo as a user has it after a while: models in a directory of their own, nodes that misbehave. */
export async function assembleWithStrangers(bench: Bench): Promise<string> {
  const home = await assemble(bench, '1.1.0', strangers);
  copyModels(bench, join(bench.directory, 'models of mine/palettes'));
  return home;
}
