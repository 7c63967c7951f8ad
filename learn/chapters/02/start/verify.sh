# Take the money of a paid order and print the gateway's answer: `sh verify.sh ORDER`

cd "$(dirname "$0")" && . ./token.sh

echo "Your turn: verify the order $1."
