#!/usr/bin/env bash
# 不用 Docker 构建镜像 / Builds the image without Docker: Debian's own packages, Node from npm, and deploy/Dockerfile.
#
#   apt-get install -y buildah mmdebstrap && npm ci && npm run pack -- --image && deploy/image/build.sh
#
# The base is a Debian 12 with what Node needs; it is made once and kept in IMAGE_CACHE (by default ~/.cache/qunhub-image):
# remove base.tar there for Debian's newest fixes. What comes out is the image localhost/qunhub:<tag> in buildah's store, and with
# --to <folder> the same as files (skopeo's `dir:`), of which the layers and their sizes are printed.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tag=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$root/package.json")
context=$root
to=
while [ $# -gt 0 ]; do
  case $1 in
    --tag) tag=$2 ;;
    --to) to=$2 ;;
    # Another folder with `packed/image`, such as one of an earlier version.
    --context) context=$2 ;;
    *) echo "用法 / usage: build.sh [--tag <tag>] [--to <folder>] [--context <folder>]" >&2; exit 2 ;;
  esac
  shift 2
done
cache=${IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/qunhub-image}
node=$root/node_modules/node-linux-$(case $(uname -m) in x86_64) echo x64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac)
mkdir -p "$cache"
# A store of its own, and files instead of mounts: that works where containers do not.
export BUILDAH_ISOLATION=chroot
build() { buildah --root "$cache/store" --runroot "$cache/run" --storage-driver vfs "$@"; }

if [ ! -e "$cache/base.tar" ]; then
  mmdebstrap --variant=essential --include=libatomic1,libstdc++6,ca-certificates,tzdata \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$cache/base.tar.part"
  mv "$cache/base.tar.part" "$cache/base.tar"
fi

version=$("$node/bin/node" --version)
base=localhost/qunhub-node:${version#v}-$(sha256sum "$cache/base.tar" | cut -c1-12)
if ! build inspect --type image "$base" > /dev/null 2>&1; then
  made=$(build from scratch)
  build add --quiet "$made" "$cache/base.tar" / > /dev/null
  build commit --quiet --rm "$made" localhost/qunhub-debian > /dev/null
  made=$(build from --pull-never localhost/qunhub-debian)
  build copy --quiet --chown 0:0 "$made" "$node/bin/node" /usr/local/bin/node > /dev/null
  # As in Node's own image: a name for the user 1000.
  build run "$made" -- sh -c 'echo "node:x:1000:" >> /etc/group && echo "node:x:1000:1000::/data:/usr/sbin/nologin" >> /etc/passwd'
  build commit --quiet --rm "$made" "$base" > /dev/null
fi

build build --quiet --build-arg NODE_IMAGE="$base" --file "$root/deploy/Dockerfile" --format docker --tag "localhost/qunhub:$tag" "$context" > /dev/null
# Those who run it see the new one, and what it has replaced is not kept.
build rm "qunhub-run-$tag" > /dev/null 2>&1 || true
build rmi --prune > /dev/null
echo "localhost/qunhub:$tag"
if [ -n "$to" ]; then
  build push --quiet "localhost/qunhub:$tag" "dir:$to"
  "$node/bin/node" "$root/deploy/image/layers.mjs" "$to"
fi
