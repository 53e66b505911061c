# On the emulator: defaults and behavior of Lambda.

variables {
  qualifier = "$LATEST"
}

run "lambda_accepts_it" {
  assert {
    condition     = awslambda_function_event_invoke_config.orders.function_arn == "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:$LATEST"
    error_message = "Another function is configured: ${awslambda_function_event_invoke_config.orders.function_arn}."
  }

  assert {
    condition     = awslambda_function_event_invoke_config.orders.maximum_event_age_in_seconds == 21600
    error_message = "The maximum event age is not Lambda's default."
  }
}
