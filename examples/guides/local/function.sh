export AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:4566
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1

aws lambda create-function --endpoint-url "$AWS_ENDPOINT_URL_LAMBDA" --function-name orders-worker \
  --role arn:aws:iam::123456789012:role/orders-worker --package-type Image --code ImageUri=none
aws lambda create-alias --endpoint-url "$AWS_ENDPOINT_URL_LAMBDA" --function-name orders-worker \
  --name live --function-version '$LATEST'
