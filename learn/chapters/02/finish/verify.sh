# Take the money of a paid order and print the gateway's answer: `sh verify.sh ORDER`

cd "$(dirname "$0")" && . ./token.sh

curl -sS "$GATEWAY_URL/orders/$1/verify" -H "Authorization: Bearer $TOKEN"
