import type { Environment } from '../shell.ts';

/** What any program may need to find its files and its language. */
const system =
  /^(?:PATH|HOME|USER|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|LD_LIBRARY_PATH|DYLD_[A-Z_]+|XDG_[A-Z_]+|PYENV_[A-Z_]+)$/;

/** How to get out to the network, whatever is asked there. */
const network =
  /^(?:(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NETRC|PIP_(?:CERT|CLIENT_CERT|PROXY|DEFAULT_TIMEOUT|RETRIES|CACHE_DIR))$/i;

/** What people set to tell pip where packages come from, and uv where it finds a pip. */
const pipSettings = /^PIP_/;
const uvSettings = /^UV_/;

const only = (environment: Environment, ...kinds: readonly RegExp[]): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => kinds.some((kind) => kind.test(name))));

/** The environment of a child that works on local files: nothing in it changes what Python or an installer does. */
export const localEnvironment = (environment: Environment): Environment => ({
  ...only(environment, system),
  // Sets of strings are stored in the order of their hashes.
  PYTHONHASHSEED: '0',
});

/** The environment of pip when it may use the network; `configured` keeps what the user told it about indexes. */
export const pipEnvironment = (environment: Environment, configured: boolean): Environment => ({
  ...only(environment, system, network, uvSettings, ...(configured ? [pipSettings] : [])),
  ...(configured ? {} : { PIP_CONFIG_FILE: '/dev/null' }),
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_NO_COLOR: '1',
  PIP_PROGRESS_BAR: 'off',
});
