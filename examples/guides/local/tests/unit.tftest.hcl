# Without Lambda: what the configuration makes of its variables.

mock_provider "awslambda" {}

run "what_is_live_is_tried_again" {
  assert {
    condition     = awslambda_function_event_invoke_config.orders.maximum_retry_attempts == 1
    error_message = "Not tried again."
  }
}

run "nothing_else_is" {
  variables {
    qualifier = "$LATEST"
  }

  assert {
    condition     = awslambda_function_event_invoke_config.orders.maximum_retry_attempts == 0
    error_message = "Tried again."
  }
}
