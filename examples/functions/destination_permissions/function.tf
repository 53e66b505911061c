# Provider functions require the provider in required_providers.
terraform {
  required_providers {
    awslambda = {
      source = "lambda-async/awslambda"
    }
  }
}

locals {
  on_failure = "arn:aws:lambda:us-east-1:123456789012:function:orders-failed:live"
  needed     = provider::awslambda::destination_permissions(local.on_failure)
}

# A policy for the function's execution role.
output "policy" {
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = local.needed.actions
      Resource = local.needed.resources # the function with and without the alias
    }]
  })
}
