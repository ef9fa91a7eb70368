import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Launch } from '../../tasks/tools/comfy/server.ts';

/** The Python of this machine, as a path. */
const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

/** A `main.py` that answers /system_stats with its own command line, wherever it is told to listen. */
export const answering = `
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"system": {"argv": sys.argv}}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *rest): pass
host, port = (sys.argv[sys.argv.index(flag) + 1] for flag in ("--listen", "--port"))
server = http.server.HTTPServer((host, int(port)), Handler)
print("listening", flush=True)
server.serve_forever()
`;

/** A directory with a `main.py` of that text, gone when it is disposed of. */
export function mainOf(
  text: string,
): Disposable & { readonly home: string; readonly launch: Pick<Launch, 'python' | 'main' | 'environment' | 'args'> } {
  const home = mkdtempSync(join(tmpdir(), 'comfy-'));
  const main = join(home, 'main.py');
  writeFileSync(main, text);
  return {
    home,
    launch: { python, main, environment: { PATH: process.env['PATH'] ?? '' }, args: [] },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
