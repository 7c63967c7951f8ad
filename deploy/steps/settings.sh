# The settings, written once, the answers of the installation, and the command "storefront".

write_settings() {
    echo "Settings"
    if [ -f "$ENVIRONMENT" ]; then
        same "$ENVIRONMENT"
    else
        (umask 077 && fill_in "$HERE/deploy/storefront.env.example" >"$ENVIRONMENT.new")
        chgrp storefront "$ENVIRONMENT.new"
        mv "$ENVIRONMENT.new" "$ENVIRONMENT"
        did "wrote $ENVIRONMENT with a new SECRET_KEY"
    fi
    PUT_CHANGED=""
    put "$HERE/deploy/storefront-command" /usr/local/sbin/storefront 755
}

fill_in() {
    sed -e "s|^STOREFRONT_SECRET_KEY=.*|STOREFRONT_SECRET_KEY='$(openssl rand -hex 32)'|" \
        -e "s|^STOREFRONT_METRICS_TOKEN=.*|STOREFRONT_METRICS_TOKEN='$(openssl rand -hex 24)'|" \
        -e "s|^STOREFRONT_PUBLIC_URL=.*|STOREFRONT_PUBLIC_URL='https://$NAME'|" "$1"
}

write_answers() {
    install -d -m 755 "$ETC"
    for name in NAME CERTIFICATE KEY OWN_CA SOURCE; do
        eval "value=\$$name"
        printf "%s='%s'\n" "$name" "$value"
    done >"$ETC/answers.new"
    if cmp -s "$ETC/answers.new" "$ETC/answers"; then
        rm "$ETC/answers.new"
        same "$ETC/answers"
    else
        mv "$ETC/answers.new" "$ETC/answers"
        did "wrote $ETC/answers"
    fi
}
