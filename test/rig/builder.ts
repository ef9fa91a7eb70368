import type { SourceSpec } from './package-index.ts';
import type { WheelSpec } from './wheels.ts';

/** What a source of ours is built from. */
interface Buildable {
  readonly name: string;
  readonly version?: string;
  /** `Requires-Dist` lines of what comes out. */
  readonly requires?: readonly string[];
  /** What its builder asks for once it is asked. */
  readonly more?: readonly string[];
  /** A module in C, `<name>_native`, besides the one in Python. */
  readonly native?: boolean;
  /** Something that its builder fetches while it builds. */
  readonly fetches?: string;
  /** Promises in its PKG-INFO what every wheel of it will say. */
  readonly promises?: boolean;
}

/** A small builder of wheels, that does what the big ones do: a real PEP 517 backend. */
export const tinyBuilder: WheelSpec = {
  name: 'tiny_builder',
  version: '1.0',
  files: {
    'tiny_builder.py': `
import base64, hashlib, json, os, subprocess, sysconfig, urllib.request, zipfile

def _source():
    with open('tiny.json', encoding='utf-8') as file:
        return json.load(file)

def get_requires_for_build_wheel(config_settings=None):
    return _source()['more']

def _metadata(source):
    lines = ['Metadata-Version: 2.1', 'Name: ' + source['name'], 'Version: ' + source['version']]
    return '\\n'.join(lines + ['Requires-Dist: ' + line for line in source['requires']]) + '\\n'

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    source = _source()
    info = '{}-{}.dist-info'.format(source['name'], source['version'])
    os.mkdir(os.path.join(directory, info))
    with open(os.path.join(directory, info, 'METADATA'), 'w', encoding='utf-8') as file:
        file.write(_metadata(source))
    return info

def build_wheel(directory, config_settings=None, metadata_directory=None):
    source = _source()
    print('tiny_builder builds', source['name'])
    if source['fetches']:
        urllib.request.urlopen(source['fetches'], timeout=5).read()
    name, version = source['name'], source['version']
    files = {name + '.py': open(name + '.py', 'rb').read()}
    tag = 'py3-none-any'
    if source['native']:
        module = name + '_native' + sysconfig.get_config_var('EXT_SUFFIX')
        subprocess.check_call(['cc', '-shared', '-fPIC', '-I', sysconfig.get_paths()['include'], '-o', module, 'native.c'])
        files[module] = open(module, 'rb').read()
        python = 'cp' + sysconfig.get_config_var('py_version_nodot')
        tag = '-'.join([python, python, sysconfig.get_platform().replace('-', '_').replace('.', '_')])
    info = '{}-{}.dist-info'.format(name, version)
    files[info + '/METADATA'] = _metadata(source).encode()
    files[info + '/WHEEL'] = 'Wheel-Version: 1.0\\nGenerator: tiny\\nRoot-Is-Purelib: {}\\nTag: {}\\n'.format(tag.endswith('any'), tag).encode()
    record = ''.join('{},sha256={},{}\\n'.format(path, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode(), len(data)) for path, data in files.items())
    files[info + '/RECORD'] = (record + info + '/RECORD,,\\n').encode()
    wheel = '{}-{}-{}.whl'.format(name, version, tag)
    with zipfile.ZipFile(os.path.join(directory, wheel), 'w') as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return wheel
`,
  },
};

/** The files of a source that the tiny builder builds. */
export function buildableFiles(what: Buildable): Readonly<Record<string, string>> {
  const { name, version = '1.0', requires = [], more = [], native = false, fetches = '', promises = false } = what;
  const info = `Metadata-Version: 2.${promises ? 2 : 1}\nName: ${name}\nVersion: ${version}\n`;
  return {
    'pyproject.toml': '[build-system]\nrequires = ["tiny_builder"]\nbuild-backend = "tiny_builder"\n',
    'tiny.json': JSON.stringify({ name, version, requires, more, native, fetches }),
    'PKG-INFO': info + requires.map((line) => `Requires-Dist: ${line}\n`).join(''),
    [`${name}.py`]: `NAME = ${JSON.stringify(name)}\n`,
    ...(native ? { 'native.c': nativeModule(name) } : {}),
  };
}

/** A source archive that the tiny builder builds. */
export const buildable = (what: Buildable): SourceSpec => ({
  name: what.name,
  version: what.version ?? '1.0',
  files: buildableFiles(what),
});

const nativeModule = (name: string): string => `
#define PY_SSIZE_T_CLEAN
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "${name}_native", NULL, -1, methods};
PyMODINIT_FUNC PyInit_${name}_native(void) { return PyModule_Create(&module); }
`;
