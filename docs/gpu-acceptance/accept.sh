#!/usr/bin/env bash
# Checks a machine's card and writes one page, in ten minutes: accept.sh [key=value …]
#
#   device=cuda      what is checked; cpu rehearses the values
#   out=FILE         the page (acceptance.md)
#   work=FOLDER      for what is made meanwhile (a new one among temporary files)
#   python=PROGRAM   one with torch, to compare with (python3, where it has torch; none: python=)
#   rehearse=true    shows values without judging them, as on a stand-in for CUDA
#
# Runs from the repository, which it builds, or from what pack.sh packed, beside which no JDK is needed. The libraries
# of CUDA are those of PYTORCH_LIBRARY_PATH, else of python's torch where that is 2.7.1, else DJL downloads its own.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

device=cuda
out=acceptance.md
work=""
python=auto
for word in "$@"; do
  case "$word" in
    device=*) device="${word#*=}" ;;
    out=*) out="${word#*=}" ;;
    work=*) work="${word#*=}" ;;
    python=*) python="${word#*=}" ;;
    rehearse=true | rehearse=false) ;;
    *) echo "accept.sh: no such argument: $word" >&2; exit 2 ;;
  esac
done

if [ "$python" = auto ]; then
  python=""
  if command -v python3 >/dev/null && python3 -c 'import torch' 2>/dev/null; then python="$(command -v python3)"; fi
fi
if [ -z "${PYTORCH_LIBRARY_PATH:-}" ] && [ -n "$python" ] && [ "${device%%:*}" = cuda ]; then
  found="$("$python" -c 'import os, torch; print(torch.__version__.split("+")[0], os.path.dirname(torch.__file__) + "/lib")' 2>/dev/null || true)"
  if [ "${found%% *}" = 2.7.1 ]; then
    export PYTORCH_LIBRARY_PATH="${found#* }"
  else
    echo "accept.sh: torch of $python is ${found%% *}; DJL downloads 2.7.1, or: pip install --target SITE torch==2.7.1 and set PYTORCH_LIBRARY_PATH=SITE/torch/lib" >&2
  fi
fi

if [ -d "$here/lib" ]; then
  java="$here/runtime/bin/java"
  lib="$here/lib"
else
  java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
  lib="$here/../../examples/target/acceptance"
  "$here/pack.sh" --jars "$lib"
fi
path=""
for jar in "$lib"/*.jar; do
  case "$jar" in
    */pytorch-native-cpu-*) [ "$device" = cpu ] && [ -z "${PYTORCH_LIBRARY_PATH:-}" ] || continue ;;
  esac
  path="${path:+$path:}$jar"
done

made=""
if [ -z "$work" ]; then work="$(mktemp -d "${TMPDIR:-/tmp}/dil-acceptance.XXXXXX")"; made="$work"; fi
status=0
"$java" -cp "$path" io.dil.examples.acceptance.Acceptance "device=$device" "out=$out" "work=$work" "python=$python" \
  "script=$here/values.py" $(printf '%s\n' "$@" | grep '^rehearse=' || true) || status=$?
[ -z "$made" ] || rm -rf "$made"
exit "$status"
