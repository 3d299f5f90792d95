# Unpacks PgBouncer of Debian's next release into the folder $1, with the libraries that it wants:
# this release's is too old to be tested with. `apt-get` checks the archive's signatures.
set -eu
new=$1.new
rm -rf "$new"
mkdir -p "$new/lists/partial" "$new/cache/archives/partial" "$new/packages"
cat >"$new/next.sources" <<END
Types: deb
URIs: http://deb.debian.org/debian
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
apt() {
  apt-get -q -o Dir::Etc::sourcelist="$new/next.sources" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$new/lists" -o Dir::Cache="$new/cache" -o APT::Sandbox::User=root "$@"
}
apt update
cd "$new/packages"
apt download pgbouncer libc6 libcares2 libevent-2.1-7t64 libpam0g libssl3t64 libsystemd0 libaudit1 \
  libcap2 libcap-ng0 libgcc-s1 libzstd1 zlib1g
for package in *.deb; do dpkg -x "$package" "$new"; done
rm -rf "$new/lists" "$new/cache" "$new/packages"
chmod -R a+rX "$new"
mv "$new" "$1"
