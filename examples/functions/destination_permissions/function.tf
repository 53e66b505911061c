# A configuration that calls provider functions must declare the provider.
terraform {
  required_providers {
    awslambda = {
      source = "lambda-async/awslambda"
    }
  }
}

locals {
  on_failure = "arn:aws:lambda:us-east-1:123456789012:function:orders-failed:live"
  required   = provider::awslambda::destination_permissions(local.on_failure)
}

# Policy for the execution role of the function with this destination
output "policy" {
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = local.required.actions
      Resource = local.required.resources # the ARN with and without the alias
    }]
  })
}
