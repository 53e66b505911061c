terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

variable "qualifier" {
  type    = string
  default = "live"
}

# Lambda retries events of the alias "live" only.
resource "awslambda_function_event_invoke_config" "orders" {
  function_name          = "orders-worker"
  qualifier              = var.qualifier
  maximum_retry_attempts = var.qualifier == "live" ? 1 : 0
}
