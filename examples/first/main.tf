terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

variable "function_name" {
  description = "One of your functions: its name or its ARN."
  type        = string
}

# A failed event is tried again once, and given up after an hour.
resource "awslambda_function_event_invoke_config" "first" {
  function_name                = var.function_name
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 3600
}
