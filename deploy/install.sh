#!/bin/sh
# Install the shop on Debian 12 or 13, or bring it to a newer release: install.sh --help.
set -eu
umask 022

usage() {
    cat <<'HELP'
Install the shop on Debian 12 or 13, as root:

  install.sh --name NAME --certificate FILE --key FILE   behind nginx with your certificate
  install.sh --name NAME --own-ca                        with a certificate of an authority made here, for trying
  install.sh                                             once more, with the answers of the first time
  install.sh --stopped                                   make all ready and start nothing of the shop, to bring a
                                                         backup back: docs/operations/backups.md
  install.sh upgrade [--ref REF]                         fetch (or take REF), back up, migrate, restart one by one
  install.sh back                                        go back to the release before; the database stays

  --source URL     fetch the shop from there into /srv/storefront-source; without it, the folder that
                   this program stands in is installed (as committed, if it is a git repository)

A second run changes nothing and says so. What you have edited is never overwritten: the new text is
put beside it with the ending .new. /etc/storefront.env is written once.
HELP
}

RELEASES=/srv/storefront-releases
CURRENT=/srv/storefront
DATA=/var/lib/storefront
ENVIRONMENT=/etc/storefront.env
ETC=/etc/storefront
PORTS="8000 8002"
ACTION=install NAME="" CERTIFICATE="" KEY="" OWN_CA="" SOURCE="" REF="" STOPPED="" CHANGES=0 BEFORE=""

read_options() {
    if [ -f "$ETC/answers" ]; then . "$ETC/answers"; fi
    while [ $# -gt 0 ]; do
        case $1 in
            upgrade | back) ACTION=$1 ;;
            --own-ca) OWN_CA=yes CERTIFICATE="" KEY="" ;;
            --stopped) STOPPED=yes ;;
            --name | --certificate | --key | --source | --ref)
                [ $# -gt 1 ] || fail "$1 needs a value"
                remember_option "$1" "$2"
                shift
                ;;
            --help | -h) usage && exit 0 ;;
            *) usage >&2 && exit 2 ;;
        esac
        shift
    done
}

remember_option() {
    case $1 in
        --name) NAME=$2 ;;
        --certificate) CERTIFICATE=$(realpath "$2") OWN_CA="" ;;
        --key) KEY=$(realpath "$2") OWN_CA="" ;;
        --source) SOURCE=$2 ;;
        --ref) REF=$2 ;;
    esac
}

check_answers() {
    [ "$(id -u)" = 0 ] || fail "run this as root"
    case $(. /etc/os-release && echo "$ID${VERSION_ID:-}") in
        debian12 | debian13) ;;
        *) note "this is no Debian 12 or 13: only those were tried" ;;
    esac
    [ -n "$NAME" ] || fail "--name is missing: the name of the shop, such as shop.example.com"
    case $NAME in *[!A-Za-z0-9.-]* | .* | -*) fail "--name should be a host's name, not $NAME" ;; esac
    [ -n "$OWN_CA" ] || [ -n "$CERTIFICATE$KEY" ] || fail "give --certificate and --key, or --own-ca"
    if [ -z "$OWN_CA" ] && ! { [ -r "$CERTIFICATE" ] && [ -r "$KEY" ]; }; then
        fail "cannot read the certificate '$CERTIFICATE' or the key '$KEY'"
    fi
}

main() {
    HERE=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)
    for part in say packages release database settings web services; do
        . "$HERE/deploy/steps/$part.sh"
    done
    read_options "$@"
    case $HERE in "$RELEASES"/*) run_from_source "$@" ;; esac
    check_answers
    cd / # where every user may be
    case $ACTION in
        back) go_back ;;
        upgrade) fetch_and_upgrade ;;
        *) install_all ;;
    esac
    finish
    exit 0
}

install_all() {
    install_packages
    fetch_source
    make_account
    prepare_release
    prepare_database
    write_settings
    write_answers
    if is_another_release; then back_up; fi
    migrate
    switch_release
    write_units
    write_site
    if [ -n "$STOPPED" ]; then tell_what_stands && return; fi
    start_all
    if [ -n "$BEFORE" ]; then restart_one_by_one; fi
    run_doctor
}

main "$@"
