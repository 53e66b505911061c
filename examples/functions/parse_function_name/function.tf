# A configuration that calls a provider's functions has to name the provider.
terraform {
  required_providers {
    awslambda = {
      source = "lambda-async/awslambda"
    }
  }
}

# Any spelling is taken apart; what it does not say is null.
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
