# How the installation speaks: one line for each thing that it does or finds as it should be.

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

note() { printf '  ! %s\n' "$1"; }
same() { printf '  = %s\n' "$1"; }

did() {
    CHANGES=$((CHANGES + 1))
    printf '  + %s\n' "$1"
}

finish() {
    if [ "$CHANGES" = 0 ]; then
        echo "Nothing was changed: all of it was so already."
    else
        echo "Done, with $CHANGES changes."
    fi
}

# put FILE TARGET MODE: write a file of ours, unless somebody has edited the one that is there.
put() {
    written="$ETC/written/$(echo "$2" | tr / _)"
    if [ -f "$2" ] && cmp -s "$1" "$2"; then
        remember_written "$1" && same "$2" && return
    fi
    if [ -f "$2" ] && ! cmp -s "$written" "$2"; then
        if cmp -s "$1" "$2.new"; then same "$2 is yours; ours is $2.new" && return; fi
        install -D -m "$3" "$1" "$2.new"
        did "left $2 as you have edited it; the new text is $2.new"
        return
    fi
    install -D -m "$3" "$1" "$2"
    remember_written "$1"
    PUT_CHANGED=yes
    did "wrote $2"
}

remember_written() { install -D -m 600 "$1" "$written"; }

systemd_runs() { [ -d /run/systemd/system ]; }

# as_shop COMMAND...: run a program as the shop's user, with the settings.
as_shop() {
    (
        set -a
        . "$ENVIRONMENT"
        set +a
        exec runuser -u storefront -- "$@"
    )
}

# flask_in RELEASE COMMAND...: run a command of the shop of that release.
flask_in() {
    release=$1
    shift
    (cd "$release" && as_shop .venv/bin/python -m flask --app storefront "$@")
}
