terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "awslambda" {
  region = "us-east-1"
}

module "orders" {
  source = "../.."

  function_name = "orders-worker"
  configs = {
    latest = {}
    live = {
      qualifier              = "live"
      maximum_retry_attempts = 1
      on_failure             = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
    }
  }
}
