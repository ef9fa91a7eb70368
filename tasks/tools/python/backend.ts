/**
 * What builds a package from its source: it is told what to do as JSON, and answers into a file, as a builder prints what it
 * likes. It calls the builder that the source names, in the words that all builders know.
 */
export const backendProgram = `
import json, os, sys, tarfile, zipfile
del sys.path[0]
asked, answered = json.loads(sys.argv[1]), sys.argv[2]

def plain(name):
    parts = name.replace('\\\\', '/').split('/')
    if name.startswith('/') or '..' in parts or ':' in parts[0]:
        raise SystemExit('the source holds ' + repr(name) + ', which leads out of it')
    return True

def unpack(archive, into):
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as source:
            entries = source.infolist()
            within(len(entries), sum(entry.file_size for entry in entries))
            source.extractall(into, [entry for entry in entries if plain(entry.filename)])
    else:
        with tarfile.open(archive) as source:
            entries = source.getmembers()
            within(len(entries), sum(entry.size for entry in entries))
            if hasattr(tarfile, 'data_filter'):
                source.extraction_filter = tarfile.data_filter
            else:
                entries = [entry for entry in entries if entry.isfile() or entry.isdir()]
            source.extractall(into, [entry for entry in entries if plain(entry.name)])
    tops = os.listdir(into)
    return tops[0] if len(tops) == 1 and os.path.isdir(os.path.join(into, tops[0])) else '.'

def within(entries, size):
    if entries > 50000 or size > 2 * 1024 ** 3:
        raise SystemExit('the source is larger than any that is built here')

def builder():
    sys.path[:0] = [os.path.abspath(path) for path in asked['backendPath']]
    module, _, attribute = asked['backend'].partition(':')
    __import__(module)
    found = sys.modules[module]
    for name in filter(None, attribute.split('.')):
        found = getattr(found, name)
    return found

def metadata(into):
    prepare = getattr(builder(), 'prepare_metadata_for_build_wheel', None)
    if prepare is not None:
        with open(os.path.join(into, prepare(into), 'METADATA'), encoding='utf-8') as text:
            return text.read()
    with zipfile.ZipFile(os.path.join(into, builder().build_wheel(into))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))
        return wheel.read(name).decode('utf-8')

def requires():
    ask = getattr(builder(), 'get_requires_for_build_wheel', None)
    return [] if ask is None else list(ask())

does = {
    'unpack': lambda: unpack(asked['archive'], asked['into']),
    'requires': requires,
    'metadata': lambda: metadata(asked['into']),
    'wheel': lambda: builder().build_wheel(asked['into']),
}
answer = does[asked['verb']]()
with open(answered, 'w', encoding='utf-8') as file:
    json.dump(answer, file)
`;
