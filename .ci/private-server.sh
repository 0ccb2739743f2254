#!/usr/bin/env bash
# Puts a server of another kind into a folder of its own, beside the system's MariaDB, for the tests.
#
# usage: private-server.sh mysql|mariadb-current [FOLDER]
#
# FOLDER holds one subfolder for each server. Without it: $SWITCHYARD_SERVERS; otherwise /opt/switchyard-servers for
# root, ~/.cache/switchyard for others. Does nothing when the server is there.
#
# The packages come from Debian's unstable suite, through apt with lists and a package database of their own: nothing
# is installed on the system, and its apt stays as it is. Needs no root. The programs run with the C library that
# they were built for, which lies beside them. $SWITCHYARD_DEBIAN_MIRROR names the archive; without it, it is that of
# the system's own apt sources.
set -euo pipefail

fail() {
    echo "private-server.sh: $*" >&2
    exit 1
}

server=${1-}
case $server in
mysql)
    packages=(mysql-server-core mysql-client-core)
    alone=()
    proof=(usr/sbin/mysqld --no-defaults --version)
    ;;
mariadb-current)
    packages=(mariadb-server-core mariadb-client-core)
    # They hold mariadb-dump and the plugins of accounts; what they depend on is for their scripts.
    alone=(mariadb-client mariadb-server)
    proof=(usr/sbin/mariadbd --no-defaults --version)
    ;;
*) fail "usage: private-server.sh mysql|mariadb-current [FOLDER]" ;;
esac

if [ "$(id -u)" -eq 0 ]; then
    usual=/opt/switchyard-servers
else
    usual=${XDG_CACHE_HOME:-$HOME/.cache}/switchyard
fi
folder=${2:-${SWITCHYARD_SERVERS:-$usual}}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
target=$folder/$server

works() {
    [ -e "$target/packages" ] && "$target/${proof[0]}" "${proof[@]:1}" >/dev/null 2>&1
}
works && exit 0

# Two that install at once: the second waits, and finds it done.
exec 9>"$folder/.lock"
flock 9
works && exit 0

for program in apt-get dpkg-deb; do
    type -P "$program" >/dev/null || fail "$program is needed, which Debian and Ubuntu have"
done
architecture=$(dpkg --print-architecture)
case $architecture in
amd64) libraries=usr/lib/x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
arm64) libraries=usr/lib/aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
*) fail "there is no recipe for $architecture" ;;
esac
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keys" ] || fail "$keys is missing: install debian-archive-keyring"

mirror() {
    local uri=${SWITCHYARD_DEBIAN_MIRROR-}
    if [ -z "$uri" ] && grep -qs '^ID=debian$' /etc/os-release; then
        # The main archive, in either form of a source; the one for security updates has no unstable suite.
        uri=$(
            { cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } | awk '$1 == "URIs:" { print $2 }'
            { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
                sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p'
        )
        uri=$(grep -v security <<<"$uri" | head -n 1 || true)
    fi
    echo "$uri"
}
uri=$(mirror)
[ -n "$uri" ] || fail "please name a Debian archive in SWITCHYARD_DEBIAN_MIRROR"

work=$(mktemp -d "$folder/.unfinished.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/state/lists/partial "$work"/cache/archives/partial "$work"/none "$work"/tree
echo "deb [signed-by=$keys] $uri ${SWITCHYARD_DEBIAN_SUITE:-sid} main" >"$work/sources.list"
# A system with nothing on it, but for a pretended perl, which only scripts beside the server use.
cat >"$work/status" <<END
Package: perl
Status: install ok installed
Architecture: $architecture
Multi-Arch: allowed
Version: 99
Maintainer: none <none@localhost>
Description: pretended

END
cat >"$work/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "$work/none/none";
Dir::Etc::preferencesparts "$work/none";
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Log "$work";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
END

echo "Installing $server into $target"
(
    cd "$work/cache/archives"
    apt-get -c "$work/apt.conf" -qq update
    apt-get -c "$work/apt.conf" -qq -y --download-only install "${packages[@]}"
    if [ ${#alone[@]} -gt 0 ]; then apt-get -c "$work/apt.conf" -qq download "${alone[@]}"; fi
) </dev/null >"$work/log" 2>&1 9>&- || {
    cat "$work/log" >&2
    fail "apt could not fetch $server"
}

# Debian's merged /usr, whatever a package says.
mkdir -p "$work"/tree/usr/{bin,sbin,lib,lib64}
for name in bin sbin lib lib64; do ln -s "usr/$name" "$work/tree/$name"; done
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/tree" --keep-directory-symlink --no-same-owner \
        --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
        --exclude='./usr/share/lintian' --exclude="./$libraries/gconv"
    dpkg-deb -W "$package" >>"$work/names"
done

# Each program of these servers becomes a script that starts it with its own C library.
wrap() {
    local program=$1 name=${1##*/} options=
    case $name in
    mysqld)
        options='--basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql" --plugin-dir="$root/usr/lib/mysql/plugin"'
        options+=' --character-sets-dir="$root/usr/share/mysql/charsets" --secure-file-priv=NULL'
        ;;
    mariadbd)
        options='--basedir="$root/usr" --lc-messages-dir="$root/usr/share/mariadb" --plugin-dir="$root/usr/lib/mysql/plugin"'
        options+=' --character-sets-dir="$root/usr/share/mariadb/charsets"'
        ;;
    mysql | mysqladmin | mysqldump | mysqlbinlog | mysqlslap) options='--plugin-dir="$root/usr/lib/mysql/plugin"' ;;
    mariadb | mariadb-admin | mariadb-dump | mariadb-binlog | mariadb-import | mariadb-slap)
        options='--plugin-dir="$root/'$libraries'/libmariadb3/plugin"'
        ;;
    esac
    mv "$program" "$program.real"
    {
        echo '#!/bin/bash'
        echo 'root=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")'
        echo "program=(\"\$root/$libraries/$loader\" --library-path \"\$root/$libraries\" \"\$root/${program#"$work/tree/"}.real\")"
        if [ -n "$options" ]; then
            # The first option may only be one that names the files of options; the system's own are never read.
            echo 'first=--no-defaults'
            echo 'case "${1-}" in --no-defaults | --defaults-*) first=$1; shift ;; esac'
            echo "exec \"\${program[@]}\" \"\$first\" $options \"\$@\""
        else
            echo 'exec "${program[@]}" "$@"'
        fi
    } >"$program"
    chmod 755 "$program"
}
for program in "$work"/tree/usr/sbin/* "$work"/tree/usr/bin/*; do
    if [ -f "$program" ] && [ ! -L "$program" ] && [ "$(head -c 4 "$program" | tail -c 3)" = ELF ]; then
        wrap "$program"
    fi
done

sort "$work/names" >"$work/tree/packages"
chmod 755 "$work/tree"
if ! "$work/tree/${proof[0]}" "${proof[@]:1}"; then fail "$server does not start"; fi
rm -rf "$target"
mv "$work/tree" "$target"
