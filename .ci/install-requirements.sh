#!/usr/bin/env bash
# Installs what is missing on Debian and Ubuntu; does nothing when everything is there.
#
# usage: install-requirements.sh [build] [servers] [tests] [clients] [benchmarks]
set -euo pipefail

missing=()
# Those that are put into a folder of their own.
private_servers=()

# need PACKAGE COMMAND…: notes the package unless the command succeeds.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

program() {
    PATH=$PATH:/usr/sbin:/sbin type -P "$1"
}

for part in "$@"; do
    case $part in
    build)
        need pkg-config program pkg-config
        need default-libmysqlclient-dev pkg-config --exists libmariadb
        need libssl-dev pkg-config --exists openssl
        need libsqlite3-dev pkg-config --exists sqlite3
        need zlib1g-dev pkg-config --exists zlib
        need libzstd-dev pkg-config --exists libzstd
        need libxxhash-dev pkg-config --exists libxxhash
        ;;
    servers)
        need mariadb-server program mariadbd
        need mariadb-client program mariadb-dump
        ;;
    tests)
        private_servers=(mysql mariadb-current)
        need openssl program openssl
        # The Galera of the system's MariaDB: without a configuration it stays switched off.
        need galera-4 test -e /usr/lib/galera/libgalera_smm.so
        need iproute2 program ip
        need sysbench program sysbench
        need python3 program /usr/bin/python3
        need python3-pymysql /usr/bin/python3 -c 'import pymysql'
        need python3-yaml /usr/bin/python3 -c 'import yaml'
        need prometheus program promtool
        need systemd program systemd-analyze
        need chromium program chromium
        need chromium-driver program chromedriver
        ;;
    clients)
        need sysbench program sysbench
        need python3-venv /usr/bin/python3 -c 'import ensurepip'
        need python3-dev /usr/bin/python3 -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")'
        need gcc program gcc
        need default-libmysqlclient-dev pkg-config --exists libmariadb
        need php-cli program php
        need php-mysql php -r 'exit((int) !(extension_loaded("mysqli") && extension_loaded("pdo_mysql")));'
        need libdbd-mysql-perl perl -e 'use DBD::mysql'
        need libdbd-mariadb-perl perl -e 'use DBD::MariaDB'
        need ruby-mysql2 ruby -e 'require "mysql2"'
        need golang-go program go
        need golang-github-go-sql-driver-mysql-dev test -d /usr/share/gocode/src/github.com/go-sql-driver/mysql
        need node-mysql test -d /usr/share/nodejs/mysql
        need libmariadb-java test -e /usr/share/java/mariadb-java-client.jar
        need default-jdk-headless program javac
        ;;
    benchmarks)
        need sysbench program sysbench
        need haproxy program haproxy
        need python3 program python3
        need openssl program openssl
        ;;
    *)
        echo "install-requirements.sh: there is no part called $part" >&2
        exit 2
        ;;
    esac
done

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        type -P sudo >/dev/null || {
            echo "Please install as root: apt-get install ${missing[*]}" >&2
            exit 1
        }
    fi
    type -P apt-get >/dev/null || {
        echo "Please install what these Debian packages hold: ${missing[*]}" >&2
        exit 1
    }
    echo "Installing ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
fi

for server in ${private_servers[@]+"${private_servers[@]}"}; do
    "$(dirname "$0")/private-server.sh" "$server"
done

type -P swift >/dev/null || {
    echo "Swift 6.3 is needed, and no \`swift\` is on the PATH: see https://www.swift.org/install/linux" >&2
    exit 1
}
