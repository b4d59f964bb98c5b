#!/usr/bin/env bash
# Builds a release of this commit: for each architecture an archive, a .deb, an .rpm and a bill of materials, and one list of
# checksums. Two builds of a commit with the same Go are equal to the byte, wherever they are made.
#
#     NFPM=bin/tools/nfpm-… scripts/release.sh FOLDER ARCHITECTURE...
#
# A source tree without .git needs VERSION (like 1.2.3), COMMIT and SOURCE_DATE_EPOCH in the environment.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
export LC_ALL=C TZ=UTC
into=$1
shift

# commit_version prints the version of a tagged commit (v1.2.3), and otherwise one that sorts before all releases, and after older commits.
commit_version() {
  local tag
  tag=$(git describe --exact-match --match 'v[0-9]*' "$COMMIT" 2>/dev/null) && echo "${tag#v}" && return
  echo "0.0.0-dev.$(date -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S)+${COMMIT:0:12}"
}
COMMIT=${COMMIT:-$(git rev-parse HEAD)}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git show -s --format=%ct "$COMMIT")}
VERSION=${VERSION:-$(commit_version)}
RELEASE_TIME=$(date -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
export COMMIT SOURCE_DATE_EPOCH VERSION RELEASE_TIME

# programs builds the commands for an architecture into a folder. The repository is not looked at: its state is no part of a release.
programs() {
  local -x CGO_ENABLED=0 GOOS=linux GOARCH=$1 GOFLAGS='' GOAMD64=v1 GOARM64=v8.0
  local linked=momentum/internal/commandline.linked
  go build -trimpath -buildvcs=false -modfile="$PWD/bin/gnet.mod" \
    -ldflags "-s -w -X ${linked}Version=v$VERSION -X ${linked}Commit=$COMMIT" -o "$2/" ./cmd/...
}

# completions writes the completions for shells, made by a program of this host's architecture, if it has the command.
completions() {
  [[ $("$1/momentum" --help) == *$'\n  completion '* ]] || return 0
  mkdir -p "$2/bash-completion/completions" "$2/zsh/vendor-completions" "$2/fish/vendor_completions.d"
  "$1/momentum" completion bash >"$2/bash-completion/completions/momentum"
  "$1/momentum" completion zsh >"$2/zsh/vendor-completions/_momentum"
  "$1/momentum" completion fish >"$2/fish/vendor_completions.d/momentum.fish"
}

# installed makes the tree that the packages install beside the programs. The line of tcp_mem is for hosts of 16 GiB, and a package knows
# no host.
installed() {
  local tree=$1
  mkdir -p "$tree/usr/lib/systemd/system" "$tree/usr/lib/sysctl.d" "$tree/usr/share/doc/momentum/examples"
  # Its first comment says where to copy the file and the program by hand.
  sed '/^\[Unit\]/,$!d; s|/usr/local/bin/momentum|/usr/bin/momentum|' deploy/systemd/momentum.service >"$tree/usr/lib/systemd/system/momentum.service"
  sed 's|^net.ipv4.tcp_mem|#&|' deploy/sysctl.d/60-momentum.conf >"$tree/usr/lib/sysctl.d/60-momentum.conf"
  cp deploy/momentum.example.yaml "$tree/usr/share/doc/momentum/examples/momentum.yaml"
  cp LICENSE "$tree/usr/share/doc/momentum/copyright"
  cp CHANGELOG.md "$tree/usr/share/doc/momentum/"
}

# archive packs a folder of the working directory: sorted, owned by root, with the commit's time, and without a time in gzip's header.
archive() {
  tar --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' --mtime="@$SOURCE_DATE_EPOCH" \
    -C "$work" -cf - "$1" | gzip -9n >"$into/$1.tar.gz"
}

rm -rf "$into"
mkdir -p "$into"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
host=$work/host
programs "$(go env GOHOSTARCH)" "$host"
for ARCH; do
  name=momentum-$VERSION-linux-$ARCH
  export ARCH STAGE=$work/stage-$ARCH
  mkdir -p "$work/$name"
  if [ "$ARCH" = "$(go env GOHOSTARCH)" ]; then cp "$host"/* "$work/$name/"; else programs "$ARCH" "$work/$name"; fi
  mkdir -p "$STAGE" && cp "$work/$name"/* "$STAGE/"
  installed "$STAGE/package"
  completions "$host" "$STAGE/package/usr/share"
  for format in deb rpm; do "$NFPM" package --config deploy/packages/nfpm.yaml --packager $format --target "$into/" >"$work/nfpm" || { cat "$work/nfpm" >&2; exit 1; }; done
  go run ./deploy/sbom --version "$VERSION" --commit "$COMMIT" --time "$RELEASE_TIME" "$work/$name"/* >"$into/$name.cdx.json"
  cp -r README.md LICENSE CHANGELOG.md SECURITY.md docs "$work/$name/"
  mkdir "$work/$name/deploy" && cp -r deploy/momentum.example.yaml deploy/{systemd,sysctl.d,nginx,haproxy,prometheus,grafana} "$work/$name/deploy/"
  archive "$name"
done
(cd "$into" && sha256sum -- *.tar.gz *.deb *.rpm *.cdx.json >SHA256SUMS)
