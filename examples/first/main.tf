terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

variable "function_name" {
  description = "Name or ARN of one of your functions."
  type        = string
}

# Lambda retries a failed event once, and discards it after an hour.
resource "awslambda_function_event_invoke_config" "first" {
  function_name                = var.function_name
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 3600
}
