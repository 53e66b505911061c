terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "awslambda" {
  region = "us-east-1"
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name          = "orders-worker"
  maximum_retry_attempts = 0 # of what the function returned an error for

  # What was throttled is tried again all the same, until it is this old.
  maximum_event_age_in_seconds = 60
}
