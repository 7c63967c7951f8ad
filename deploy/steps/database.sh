# PostgreSQL on this machine: its settings, the role and the database; migrations and a backup.

prepare_database() {
    echo "The database"
    if ! database_is_here; then same "it is elsewhere, as $ENVIRONMENT says" && return; fi
    version=$(pg_lsclusters -h | awk '$2 == "main" { print $1 }' | sort -n | tail -1)
    [ -n "$version" ] || fail "PostgreSQL has no cluster 'main': pg_createcluster VERSION main"
    PUT_CHANGED=""
    put "$HERE/deploy/postgresql/storefront.conf" "/etc/postgresql/$version/main/conf.d/storefront.conf" 644
    start_database "$version"
    if runuser -u postgres -- psql -tAqc "SELECT 1 FROM pg_database WHERE datname = 'storefront'" | grep -q 1; then
        same "role and database storefront"
    else
        runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 <"$HERE/deploy/postgresql/create.sql"
        did "made the role and the database storefront"
    fi
}

start_database() {
    running=$(pg_lsclusters -h | awk -v wanted="$1" '$1 == wanted && $2 == "main" { print $4 }')
    if systemd_runs; then
        systemctl enable --quiet --now "postgresql@$1-main"
        [ -z "$PUT_CHANGED" ] || systemctl restart "postgresql@$1-main"
    elif [ "$running" != online ]; then
        pg_ctlcluster "$1" main start
        did "started PostgreSQL $1"
    elif [ -n "$PUT_CHANGED" ]; then
        pg_ctlcluster "$1" main restart
    fi
}

migrate() {
    before=$(flask_in "$RELEASE" db current 2>/dev/null | tail -1)
    flask_in "$RELEASE" db upgrade 2>"$ETC/migration.log" >&2 || { cat "$ETC/migration.log" >&2 && fail "the tables could not be migrated"; }
    after=$(flask_in "$RELEASE" db current 2>/dev/null | tail -1)
    if [ "$before" = "$after" ]; then same "tables at $after"; else did "migrated the tables from '$before' to '$after'"; fi
}

# A backup is made by the release that runs; one that has no such command yet cannot.
back_up() {
    if is_empty_database; then
        note "the database has no tables: there is nothing to back up"
    elif has_command backup; then
        flask_in "$CURRENT" backup --to /var/backups/storefront --keep 14 || fail "there is no backup, so nothing was changed"
        did "made a backup in /var/backups/storefront"
    else
        note "the installed release has no command 'backup': nothing was backed up"
    fi
}

# One that does not answer is not empty: then the backup fails, and says so.
is_empty_database() {
    migration=$(flask_in "$CURRENT" db current 2>/dev/null) && [ -z "$migration" ]
}

has_command() { flask_in "$CURRENT" --help 2>/dev/null | grep -q "^  $1 "; }
