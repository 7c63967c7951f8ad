# Create an order at the gateway and print its answer: `sh create.sh`

cd "$(dirname "$0")" && . ./token.sh

curl -sS "$GATEWAY_URL/orders" -H "$JSON" -H "Authorization: Bearer $TOKEN" -d @- <<END
{
  "amount": 1250000,
  "referenceNumber": "R-$$",
  "userIdentifier": "09121234567",
  "callbackUrl": "http://127.0.0.1:5000/callback/R-$$"
}
END
