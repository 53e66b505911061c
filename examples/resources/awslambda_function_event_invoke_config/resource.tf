# Invocations of the function without a qualifier: one retry, then the event goes to a queue.
resource "awslambda_function_event_invoke_config" "orders" {
  function_name          = aws_lambda_function.orders.arn
  maximum_retry_attempts = 1

  destination_config = {
    on_failure = {
      destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
    }
  }
}

# Invocations of an alias have a separate configuration.
resource "awslambda_function_event_invoke_config" "live" {
  function_name                = aws_lambda_alias.live.arn
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
