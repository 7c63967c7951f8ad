# The units of systemd. Where no systemd runs, in a container or a chroot, their commands are printed.

UNITS="storefront@.service storefront-worker.service storefront-backup.service storefront-backup.timer
    storefront-reconcile.service storefront-reconcile.timer storefront-sandbox.service"

write_units() {
    echo "Services"
    PUT_CHANGED=""
    for unit in $UNITS; do put "$HERE/deploy/systemd/$unit" "/etc/systemd/system/$unit" 644; done
    if [ -n "$PUT_CHANGED" ] && systemd_runs; then systemctl daemon-reload; fi
}

services() {
    for port in $PORTS; do echo "storefront@$port"; done
    echo "storefront-worker storefront-reconcile.timer nginx"
    if has_command backup; then echo storefront-backup.timer; fi
}

start_all() {
    if ! systemd_runs; then print_commands && return; fi
    for service in $(services); do
        if systemctl is-enabled -q "$service" && systemctl is-active -q "$service"; then same "$service runs" && continue; fi
        systemctl enable --quiet --now "$service"
        did "started $service"
    done
    for port in $PORTS; do wait_until_ready "$port"; done
}

tell_what_stands() {
    note "the shop and the worker were not started: bring the backup back (storefront restore FILE), then run install.sh"
}

print_commands() {
    note "no systemd runs here, so nothing was started. These commands start it all, as root:"
    echo "cd $CURRENT; set -a; . $ENVIRONMENT; set +a; nginx"
    for port in $PORTS; do command_of storefront@.service | sed "s/%i/$port/"; done
    command_of storefront-worker.service
}

command_of() { sed -n 's/^ExecStart=\(.*\)/runuser -u storefront -- \1 \&/p' "$HERE/deploy/systemd/$1"; }

# While one instance is restarted, nginx asks the other one.
restart_one_by_one() {
    if ! systemd_runs; then
        note "no systemd runs here: end and start the shop and the worker yourself, one after another"
        return
    fi
    for port in $PORTS; do
        systemctl restart "storefront@$port"
        wait_until_ready "$port"
        did "restarted storefront@$port"
    done
    systemctl restart storefront-worker
    did "restarted storefront-worker"
    if systemctl is-active -q storefront-sandbox; then
        systemctl restart storefront-sandbox
        did "restarted storefront-sandbox"
    fi
}

wait_until_ready() {
    tries=0
    until is_ready "$1"; do
        tries=$((tries + 1))
        [ $tries -lt 90 ] || fail "storefront@$1 is not ready: journalctl -u storefront@$1; to go back: install.sh back"
        sleep 1
    done
}

is_ready() {
    python3 -c 'import sys, urllib.request as u; u.urlopen(f"http://127.0.0.1:{sys.argv[1]}/readyz", timeout=10)' "$1" 2>/dev/null
}

run_doctor() {
    if ! has_command doctor; then return 0; fi
    echo "The doctor"
    flask_in "$CURRENT" doctor || note "the doctor found what is wrong: see above"
}
