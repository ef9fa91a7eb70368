#!/bin/sh
# Starts ComfyUI on a pod: waits for the volume, makes the version what its lockfile pins, and runs it. All that takes long to fetch or
# to build is kept on the volume, for this pod and all others.
set -eu

say() { printf 'start: %s\n' "$*"; }
fail() {
  printf 'start: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

PROJECT=${PROJECT:-/project}
[ -n "${VERSION:-}" ] || fail 'VERSION is not set' 'it is the id of a version: VERSION=demo is versions/demo.json'
[ -f "$PROJECT/versions/$VERSION.json" ] || fail "$PROJECT/versions/$VERSION.json is not there" 'PROJECT is the directory with versions/ and lockfiles/'

# The first process of a container gets no signal that it has not asked for. What is at work gets it from here, and decides how to end.
child=
stopped=
stop() {
  stopped=$1
  if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null || :; fi
}
trap 'stop 143' TERM
trap 'stop 130' INT
# Runs a command to its end, however often a signal interrupts the waiting. Its exit code is in $code.
run() {
  "$@" &
  child=$!
  if [ -n "$stopped" ]; then stop "$stopped"; fi
  code=0
  wait "$child" || code=$?
  while kill -0 "$child" 2>/dev/null; do
    code=0
    wait "$child" || code=$?
  done
  child=
}
rest() {
  run sleep "$1"
  [ -z "$stopped" ] || exit "$stopped"
}

is_volume() { [ -d "$1" ] && [ -w "$1" ] && volume=$1; }
find_volume() {
  if [ -n "${VOLUME:-}" ]; then is_volume "$VOLUME"; else is_volume /runpod-volume || is_volume /workspace; fi
}
# A network volume may come a while after the pod.
waited=0
until find_volume; do
  [ "$waited" -lt "${VOLUME_WAIT:-60}" ] || fail "no volume at ${VOLUME:-/runpod-volume or /workspace} that can be written to" \
    'attach one to the pod, or set VOLUME to any directory'
  [ "$waited" -gt 0 ] || say 'waiting for the volume'
  rest 1
  waited=$((waited + 1))
done

COMFY_CACHE_ROOT=${COMFY_CACHE_ROOT:-$volume/cache/runpod-comfy}
MODELS_DIR=${MODELS_DIR:-$volume/models}
TARGET=${TARGET:-$volume/builds/comfy-$VERSION}
PATH=$PROJECT/node_modules/.bin:$PATH
export COMFY_CACHE_ROOT MODELS_DIR PATH
command -v pipeline >/dev/null || fail 'there is no pipeline' "run \`npm ci\` in $PROJECT"
say "$VERSION in $TARGET, cache in $COMFY_CACHE_ROOT, models in $MODELS_DIR"
cd "$PROJECT"

# A lockfile is made elsewhere. 7: another pod is making the same target; what it has made need not be made again.
run pipeline realize "$VERSION" --target "$TARGET" --frozen
while [ "$code" -eq 7 ] && [ -z "$stopped" ]; do
  say 'another pod is at it: waiting'
  rest 5
  run pipeline realize "$VERSION" --target "$TARGET" --frozen
done
[ -z "$stopped" ] || exit "$stopped"
[ "$code" -eq 0 ] || exit "$code"

# In place of this shell, so that signals reach it.
exec pipeline run-ui "$VERSION" --no-realize --target "$TARGET" --host "${HOST:-127.0.0.1}" --port "${PORT:-8188}" -- "$@"
