# Debian's packages, the source and the shop's user.

PACKAGES="python3 python3-venv git ca-certificates openssl tzdata unzip nginx libnginx-mod-http-brotli-static"

database_is_here() {
    [ ! -f "$ENVIRONMENT" ] || grep -q "^STOREFRONT_DATABASE_URL=.*host=/run/postgresql" "$ENVIRONMENT"
}

install_packages() {
    echo "Packages"
    wanted=$PACKAGES missing=""
    if database_is_here; then wanted="$wanted postgresql postgresql-client"; else wanted="$wanted postgresql-client"; fi
    for package in $wanted; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
    done
    [ -n "$missing" ] || { same "$wanted" && return; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of names
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
    did "installed$missing"
}

make_account() {
    echo "Account and folders"
    if id storefront >/dev/null 2>&1; then
        same "user storefront"
    else
        useradd --system --user-group --home-dir "$DATA" --no-create-home --shell /usr/sbin/nologin storefront
        did "made the user storefront"
    fi
    for folder in "$DATA" /var/backups/storefront; do
        [ -d "$folder" ] && same "$folder" && continue
        install -d -m 700 -o storefront -g storefront "$folder"
        did "made $folder"
    done
}

# An installed release is no place to install from: what it was made of is.
run_from_source() {
    if [ "$ACTION" = back ]; then return; fi
    [ -x "$SOURCE/deploy/install.sh" ] || fail "the folder $SOURCE, from which this was installed, is gone: unpack the shop anew"
    exec "$SOURCE/deploy/install.sh" "$@"
}

# The programs of an URL stand in a folder of their own; everything further is done by its own copy.
fetch_source() {
    case $SOURCE in
        *://* | *@*:*) ;;
        *) SOURCE=$HERE && return ;;
    esac
    folder=/srv/storefront-source
    if [ ! -d "$folder" ]; then git clone -q "$SOURCE" "$folder" && did "fetched $SOURCE"; fi
    if [ -n "$REF" ]; then git -C "$folder" checkout -q --detach "$REF"; fi
    set -- --name "$NAME" --source "$folder" ${STOPPED:+--stopped}
    if [ -n "$OWN_CA" ]; then set -- "$@" --own-ca; else set -- "$@" --certificate "$CERTIFICATE" --key "$KEY"; fi
    exec "$folder/deploy/install.sh" "$@"
}

fetch_and_upgrade() {
    [ -L "$CURRENT" ] || fail "nothing is installed yet: install.sh --name ..."
    if [ -e "$HERE/.git" ]; then fetch_newest "$HERE"; else note "$HERE is no git repository: it is taken as it is"; fi
    exec "$HERE/deploy/install.sh"
}

fetch_newest() {
    git -C "$1" fetch -q --tags || note "could not fetch: going on with what is here"
    if [ -n "$REF" ]; then
        git -C "$1" checkout -q --detach "$REF"
    elif git -C "$1" symbolic-ref -q HEAD >/dev/null; then
        git -C "$1" merge -q --ff-only || fail "$1 cannot be brought forward: name a release with --ref"
    else
        fail "$1 stands at one release: name the next one with --ref"
    fi
}
