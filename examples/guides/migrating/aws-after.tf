terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

# Unchanged: all other resources still use it.
provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = { team = "orders" }
  }
}

# The arguments for authentication and connections of the provider "aws" block.
provider "awslambda" {
  region = "us-east-1"
}

moved {
  from = aws_lambda_function_event_invoke_config.orders
  to   = awslambda_function_event_invoke_config.orders
}

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
  from = aws_lambda_function_event_invoke_config.live
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
