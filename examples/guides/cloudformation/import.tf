import {
  to = awslambda_function_event_invoke_config.orders
  id = "orders-worker|live"
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name          = "orders-worker"
  qualifier              = "live"
  maximum_retry_attempts = 1

  destination_config = {
    on_failure = { destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed" }
  }
}
