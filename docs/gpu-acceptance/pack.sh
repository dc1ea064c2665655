#!/usr/bin/env bash
# Packs what accept.sh needs on a Linux machine without a JDK: pack.sh FILE.tar.gz
#
# A Java runtime of the modules that are used, and the jars without native torch, in less than 64 MiB. The machine's own
# torch 2.7.1 brings the libraries (pip install torch==2.7.1). pack.sh --jars FOLDER gathers the jars alone.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
home="$(cd "$here/../.." && pwd)"
limit=$((64 << 20))

jars() {
  local lib="$1"
  "$home/dil" --version >/dev/null
  # What dil is built into, and the programs of the examples.
  if [ ! -e "$lib/.built" ] || [ -n "$(find "$home/examples/src/main" "$home/dil-train/target/cli/.built" -newer "$lib/.built" -print -quit)" ]; then
    rm -rf "$lib"
    mkdir -p "$lib/classes"
    cp "$home"/dil-train/target/cli/*.jar "$lib/"
    find "$home/examples/src/main/java" -name '*.java' ! -name package-info.java >"$lib/sources"
    "${JAVA_HOME:+$JAVA_HOME/bin/}javac" -nowarn -proc:none -d "$lib/classes" -cp "$lib/*" @"$lib/sources"
    "${JAVA_HOME:+$JAVA_HOME/bin/}jar" --create --file "$lib/dil-examples.jar" -C "$lib/classes" .
    rm -rf "$lib/classes" "$lib/sources"
    touch "$lib/.built"
  fi
}

# Leaves native libraries of other platforms out of a jar.
strip_natives() {
  local jar="$1" parts="$build/parts"
  rm -rf "$parts"
  mkdir "$parts"
  (cd "$parts" && "${JAVA_HOME:+$JAVA_HOME/bin/}jar" --extract --file "$jar")
  find "$parts" -regextype posix-extended -type f -iregex '.*\.(so|dll|dylib|jnilib|a)' \
    ! -iregex '.*linux[-/](x86[_-]64|amd64)/.*' -delete
  rm "$jar"
  (cd "$parts" && "${JAVA_HOME:+$JAVA_HOME/bin/}jar" --create --no-manifest --file "$jar" .)
}

if [ "${1:-}" = --jars ]; then
  jars "${2:?folder}"
  exit 0
fi
file="${1:?where to write FILE.tar.gz}"
build="$(mktemp -d)"
trap 'rm -rf "$build"' EXIT
root="$build/dil-acceptance"
mkdir -p "$root"
jars "$home/examples/target/acceptance"
cp -r "$home/examples/target/acceptance" "$root/lib"
rm -f "$root"/lib/pytorch-native-cpu-*.jar "$root/lib/.built"
for jar in "$root"/lib/{tokenizers,zstd-jni,snappy-java,jna,pytorch-jni}-*.jar; do strip_natives "$jar"; done
"${JAVA_HOME:+$JAVA_HOME/bin/}jlink" --strip-debug --no-header-files --no-man-pages --compress=2 \
  --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.charsets,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs \
  --output "$root/runtime"
cp "$here/accept.sh" "$here/values.py" "$root/"
tar -C "$build" -czf "$build/packed.tar.gz" dil-acceptance
size="$(stat -c %s "$build/packed.tar.gz")"
if [ "$size" -gt "$limit" ]; then
  echo "pack.sh: must be less than $limit bytes, got $size" >&2
  exit 1
fi
mv "$build/packed.tar.gz" "$file"
echo "$file: $size bytes; there: tar xzf $(basename "$file") && dil-acceptance/accept.sh"
