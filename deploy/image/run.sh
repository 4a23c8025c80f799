#!/usr/bin/env bash
# 不用容器运行时地运行镜像, 供试验 / Runs the image without a container runtime, for trials (root, Linux):
#
#   deploy/image/run.sh <tag> <folder for /data> [arguments instead of `serve`]
#
# As `docker run --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp -v <folder>:/data` would: the entry point
# is a PID 1 of its own, user 1000, without a capability, on a root that cannot be written to. The network is this machine's.
# RUN_ENTRY=<command> stands in the place of the entry point, as `docker exec` would run it.
set -euo pipefail
# A file that shells read at their start may not bear `-u`.
unset BASH_ENV
tag=$1 data=$(cd "$2" && pwd)
shift 2
cache=${IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/qunhub-image}
image=localhost/qunhub:$tag
made=qunhub-run-$tag
build() { buildah --root "$cache/store" --runroot "$cache/run" --storage-driver vfs "$@"; }
told() { build inspect --type image --format "{{range .OCIv1.Config.$1}}{{println .}}{{end}}" "$image" | sed '/^$/d'; }

# Nothing is ever written to it, so that those who run the same image share it.
rootfs=$(build mount "$made" 2> /dev/null || { build from --pull-never --name "$made" "$image" > /dev/null && build mount "$made"; })
mapfile -t entry < <(told Entrypoint)
mapfile -t environment < <(told Env)
if [ $# = 0 ]; then mapfile -t given < <(told Cmd); else given=("$@"); fi
[ -z "${RUN_ENTRY:-}" ] || entry=("$RUN_ENTRY")
# What `docker run --env` would give.
for name in PORT QUNHUB_SIMULATOR_PORT DATABASE_URL QUNHUB_SECRET_KEY; do
  [ -z "${!name:-}" ] || environment+=("$name=${!name}")
done

export rootfs data
exec unshare --mount --pid --fork --kill-child bash -euc '
  mount --make-rprivate /
  mount --bind "$rootfs" "$rootfs"
  mount -t proc proc "$rootfs/proc"
  mount -t tmpfs -o mode=1777 tmpfs "$rootfs/tmp"
  mount --bind /dev "$rootfs/dev"
  mount --bind "$data" "$rootfs/data"
  for name in resolv.conf hosts; do
    if [ -e /etc/$name ]; then touch "$rootfs/etc/$name"; mount --bind /etc/$name "$rootfs/etc/$name"; fi
  done
  mount -o remount,ro,bind "$rootfs"
  exec chroot "$rootfs" setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- \
    env --ignore-environment --chdir=/app "$@"
' -- "${environment[@]}" "${entry[@]}" "${given[@]}"
