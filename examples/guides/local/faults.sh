curl -d '{"operation": "PutFunctionEventInvokeConfig", "times": 3,
          "status": 429, "code": "TooManyRequestsException", "message": "Rate exceeded"}' \
  http://127.0.0.1:4566/_emulator/faults
terraform apply
curl http://127.0.0.1:4566/_emulator/requests
