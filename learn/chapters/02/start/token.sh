# Get a token from the gateway: `. ./token.sh` sets GATEWAY_URL, JSON and TOKEN.

GATEWAY_URL=${GATEWAY_URL:-http://127.0.0.1:8001/ppg/v2}
JSON="Content-Type: application/json"
export NO_PROXY="*" # the sandbox is on this machine

ANSWER=$(curl -sS "$GATEWAY_URL/tokens/generate" -H "$JSON" -d @- <<END
{"apiKey": "${API_KEY:-sandbox-api-key}", "secretKey": "${SECRET_KEY:-sandbox-secret-key}"}
END
)
TOKEN=$(echo "$ANSWER" | sed 's/.*"accessToken": *"\([^"]*\)".*/\1/')
