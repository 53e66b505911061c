# Failed events of the function go to a queue, after one retry.
resource "awslambda_function_event_invoke_config" "orders" {
  function_name          = "orders-worker"
  maximum_retry_attempts = 1

  destination_config = {
    on_failure = {
      destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
    }
  }
}

# The alias has settings of its own.
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
