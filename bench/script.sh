#!/bin/sh
# What many have instead: one thing after the other, from lists, into one directory. Run again, it goes on from what is there.
# usage: INSTALLER=pip|uv script.sh <lists> <target>    FLAGS go to the installer
set -eu
lists=$1 target=$2

checkout() { # url directory commit
  [ -d "$2/.git" ] || git clone --quiet "$1" "$2"
  git -C "$2" cat-file -e "$3^{commit}" 2>/dev/null || git -C "$2" fetch --quiet origin
  git -C "$2" checkout --quiet "$3"
}

while read -r url directory commit; do
  checkout "$url" "${target%/}${directory#.}" "$commit"
done <"$lists/repositories"

while read -r url directory; do
  [ -d "$target/$directory" ] && continue
  curl --silent --show-error --fail --output "$target/pack.zip" "$url"
  "$PYTHON" -m zipfile --extract "$target/pack.zip" "$target/$directory"
  rm "$target/pack.zip"
done <"$lists/packs"

if [ "$INSTALLER" = uv ]; then
  [ -d "$target/.venv" ] || "$UV" venv --quiet --python "$PYTHON" "$target/.venv"
  "$UV" pip install --quiet --python "$target/.venv/bin/python" --no-deps $FLAGS --requirement "$lists/requirements.txt"
else
  [ -d "$target/.venv" ] || "$PYTHON" -m venv --without-pip "$target/.venv"
  "$PYTHON" -m pip --python "$target/.venv/bin/python" install --quiet --no-deps $FLAGS --requirement "$lists/requirements.txt"
fi

while read -r url file sha256; do
  [ -f "$target/$file" ] && continue
  mkdir -p "$(dirname "$target/$file")"
  curl --silent --show-error --fail --output "$target/$file" "$url"
  echo "$sha256  $target/$file" | sha256sum --check --quiet
done <"$lists/models"
