# Create an order at the gateway and print its answer: `sh create.sh`

cd "$(dirname "$0")" && . ./token.sh

echo "$ANSWER" # your turn: create an order of 125,000 Toman, and print that answer instead
