# Without Lambda: expressions of the configuration.

mock_provider "awslambda" {}

run "live_is_retried" {
  assert {
    condition     = awslambda_function_event_invoke_config.orders.maximum_retry_attempts == 1
    error_message = "No retry for the alias live."
  }
}

run "others_are_not_retried" {
  variables {
    qualifier = "$LATEST"
  }

  assert {
    condition     = awslambda_function_event_invoke_config.orders.maximum_retry_attempts == 0
    error_message = "A retry for another qualifier."
  }
}
