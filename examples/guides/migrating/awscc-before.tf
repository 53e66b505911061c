terraform {
  required_providers {
    awscc = { source = "hashicorp/awscc" }
  }
}

provider "awscc" {
  region = "us-east-1"
}

resource "awscc_lambda_event_invoke_config" "orders" {
  function_name          = "orders-worker"
  qualifier              = "$LATEST"
  maximum_retry_attempts = 1

  destination_config = {
    on_failure = {
      destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
    }
  }
}

resource "awscc_lambda_event_invoke_config" "live" {
  function_name                = "orders-worker"
  qualifier                    = "live"
  maximum_event_age_in_seconds = 3600

  destination_config = {
    on_success = {
      destination = "arn:aws:events:us-east-1:123456789012:event-bus/results"
    }
    on_failure = {
      destination = "arn:aws:s3:::orders-failed"
    }
  }
}
