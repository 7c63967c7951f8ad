# One folder for each release, made ready before anything is switched; /srv/storefront leads to one.

prepare_release() {
    echo "The release"
    RELEASE="$RELEASES/$(release_name)"
    if [ -d "$RELEASE" ]; then same "$RELEASE" && return; fi
    fresh="$RELEASES/.making"
    rm -rf "$fresh"
    install -d -m 755 "$RELEASES" "$fresh"
    copy_source "$fresh"
    link_environment "$fresh"
    make_files "$fresh"
    mv "$fresh" "$RELEASE"
    did "made $RELEASE"
}

# The commit, or what the files say if there is no repository.
release_name() {
    git_of_source rev-parse --short=12 HEAD 2>/dev/null || files_of_source | xargs -0 cat | sha256sum | cut -c1-12
}

git_of_source() { git -c safe.directory="$HERE" -C "$HERE" "$@"; }

files_of_source() {
    (cd "$HERE" && find . -type f -not -path './instance/*' -not -path './.venv/*' -print0 | sort -z)
}

copy_source() {
    if [ -e "$HERE/.git" ]; then
        [ -z "$(git_of_source status --porcelain --untracked-files=no)" ] || note "changes that are not committed are not installed"
        git_of_source archive HEAD | tar -x -C "$1"
    else
        (cd "$HERE" && tar -c --exclude=./instance --exclude=./.venv .) | tar -x -C "$1" --no-same-owner
    fi
    rm -rf "$1/instance"
    ln -s "$DATA" "$1/instance"
    # Pictures that catalogue files name are the merchant's own.
    if [ -d "$CURRENT/static/goods" ]; then cp -an "$CURRENT/static/goods/." "$1/static/goods/" || true; fi
}

# Releases that need the same libraries share them.
link_environment() {
    venv="$RELEASES/venv-$( (python3 --version && cat "$1/requirements.txt") | sha256sum | cut -c1-12)"
    if [ ! -d "$venv" ]; then
        rm -rf "$venv.making"
        python3 -m venv "$venv.making"
        "$venv.making/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
            --require-hashes --only-binary :all: -r "$1/requirements.txt"
        mv "$venv.making" "$venv"
        did "installed the libraries in $venv"
    fi
    name_scripts_by_their_place
    ln -s "$venv" "$1/.venv"
}

# Its programs (.venv/bin/flask) name in their first line the folder in which they were made.
name_scripts_by_their_place() {
    grep -slIF "$venv.making" "$venv"/bin/* | while read -r script; do
        sed -i "s|$venv\.making|$venv|g" "$script"
    done
}

make_files() {
    (
        cd "$1" || exit
        .venv/bin/python -m babel.messages.frontend --quiet compile --directory storefront/translations
        .venv/bin/python scripts/make_fonts.py
        .venv/bin/python -m scripts.precompress
        .venv/bin/python -m compileall -q storefront payment_engine jibit_client jibit_sandbox migrations
        chmod -R u=rwX,go=rX .
    )
}

is_another_release() { [ -L "$CURRENT" ] && [ "$(readlink -f "$CURRENT")" != "$RELEASE" ]; }

switch_release() {
    if ! is_another_release && [ -L "$CURRENT" ]; then same "$CURRENT leads to $RELEASE" && return; fi
    if [ -d "$CURRENT" ] && [ ! -L "$CURRENT" ]; then fail "$CURRENT is a folder of yours: move it, for example to /srv/storefront-source"; fi
    if [ -L "$CURRENT" ]; then
        BEFORE=$(readlink -f "$CURRENT")
        ln -sfn "$BEFORE" "$RELEASES/before"
    fi
    ln -s "$RELEASE" "$CURRENT.new"
    mv -T "$CURRENT.new" "$CURRENT"
    did "$CURRENT leads to $RELEASE"
    forget_old_releases
}

# This one and the one before stay.
forget_old_releases() {
    kept="$RELEASE $(readlink -f "$RELEASES/before" || true)"
    for folder in "$RELEASES"/*; do
        case " $kept $(for each in $kept; do readlink -f "$each/.venv" || true; done | tr '\n' ' ')" in
            *" $folder "*) ;;
            *) [ "$folder" = "$RELEASES/before" ] || rm -rf "$folder" ;;
        esac
    done
}

go_back() {
    RELEASE=$(readlink -f "$RELEASES/before") || fail "there is no release before"
    [ -d "$RELEASE" ] || fail "there is no release before"
    switch_release
    restart_one_by_one
}
