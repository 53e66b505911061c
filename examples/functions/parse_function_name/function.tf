# Provider functions require the provider in required_providers.
terraform {
  required_providers {
    awslambda = {
      source = "lambda-async/awslambda"
    }
  }
}

# Accepts every format of a function reference. Missing parts are null.
output "alias" {
  value = provider::awslambda::parse_function_name("arn:aws:lambda:us-east-1:123456789012:function:orders-worker:live")
  # {
  #   partition     = "aws"
  #   region        = "us-east-1"
  #   account_id    = "123456789012"
  #   function_name = "orders-worker"
  #   qualifier     = "live"
  # }
}

output "qualifier" {
  value = coalesce(provider::awslambda::parse_function_name("orders-worker").qualifier, "$LATEST")
}
