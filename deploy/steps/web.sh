# nginx in front of the shop: the certificate and the site.

write_site() {
    echo "The web server"
    [ -z "$OWN_CA" ] || make_own_certificate
    site=$(mktemp)
    site_for_here >"$site"
    PUT_CHANGED=""
    put "$site" /etc/nginx/conf.d/storefront.conf 644
    rm "$site"
    nginx -t -q || fail "nginx refuses its configuration: see above"
    if [ -n "$PUT_CHANGED" ] && systemd_runs; then systemctl reload-or-restart nginx; fi
}

# Names and paths, and what this nginx can do beside 1.18.
site_for_here() {
    set -- -e "s|/etc/letsencrypt/live/shop\.example\.com/fullchain\.pem|$CERTIFICATE|" \
        -e "s|/etc/letsencrypt/live/shop\.example\.com/privkey\.pem|$KEY|" -e "s|shop\.example\.com|$NAME|g"
    if [ -e /etc/nginx/modules-enabled/50-mod-http-brotli-static.conf ]; then set -- "$@" -e "s|# brotli_static on;|brotli_static on;|"; fi
    if nginx_is_newer_than 1.25.0; then
        set -- "$@" -e "s|listen 443 ssl http2;|listen 443 ssl;\n    http2 on;|" -e "s|\(listen .*:443 ssl\) http2;|\1;|"
    fi
    sed "$@" "$HERE/deploy/nginx.conf"
}

nginx_is_newer_than() {
    version=$(nginx -v 2>&1 | sed 's|.*/\([0-9.]*\).*|\1|')
    [ "$(printf '%s\n%s\n' "$1" "$version" | sort -V | tail -1)" = "$version" ]
}

make_own_certificate() {
    folder="$ETC/own-ca"
    CERTIFICATE="$folder/$NAME.crt" KEY="$folder/$NAME.key"
    if [ -f "$CERTIFICATE" ]; then same "$CERTIFICATE" && return; fi
    install -d -m 755 "$folder"
    (umask 077 && make_authority "$folder" && sign_certificate "$folder")
    chmod 644 "$folder/ca.crt" "$CERTIFICATE"
    did "made an authority and a certificate; browsers that try the shop must trust $folder/ca.crt"
}

make_authority() {
    [ -f "$1/ca.key" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
        -subj "/CN=storefront: an authority for trying" -keyout "$1/ca.key" -out "$1/ca.crt" 2>/dev/null
}

sign_certificate() {
    case $NAME in *[!0-9.]*) kind=DNS ;; *) kind=IP ;; esac
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=$NAME" \
        -addext "subjectAltName=$kind:$NAME" -addext "basicConstraints=critical,CA:FALSE" \
        -addext "extendedKeyUsage=serverAuth" -CA "$1/ca.crt" -CAkey "$1/ca.key" \
        -keyout "$KEY" -out "$CERTIFICATE" 2>/dev/null
}
