terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "awslambda" {
  region = "us-east-1"
}

locals {
  functions = {
    orders   = "arn:aws:lambda:us-east-1:123456789012:function:orders-worker"
    invoices = "arn:aws:lambda:us-east-1:123456789012:function:invoices-worker"
  }
}

module "async" {
  source   = "../.."
  for_each = local.functions

  function_name = each.value
  configs = {
    latest = {
      on_failure         = "arn:aws:sqs:us-east-1:123456789012:${each.key}-failed"
      overwrite_existing = true # replaces an existing configuration
    }
  }
}

output "policies" {
  value = { for name, config in module.async : name => config.policy_json }
}
