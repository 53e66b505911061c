terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "awslambda" {
  region = "us-east-1"
}

moved {
  from = awscc_lambda_event_invoke_config.orders
  to   = awslambda_function_event_invoke_config.orders
}

# The arguments are the same. The qualifier "$LATEST" may be omitted.
resource "awslambda_function_event_invoke_config" "orders" {
  function_name          = "orders-worker"
  maximum_retry_attempts = 1

  destination_config = {
    on_failure = {
      destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
    }
  }
}

moved {
  from = awscc_lambda_event_invoke_config.live
  to   = awslambda_function_event_invoke_config.live
}

resource "awslambda_function_event_invoke_config" "live" {
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
