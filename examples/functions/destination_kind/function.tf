# Provider functions require the provider in required_providers.
terraform {
  required_providers {
    awslambda = {
      source = "lambda-async/awslambda"
    }
  }
}

# An input that must be a queue or a topic.
variable "on_failure" {
  type    = string
  default = "arn:aws:sqs:us-east-1:123456789012:orders-failed"

  validation {
    condition     = contains(["sqs", "sns"], provider::awslambda::destination_kind(var.on_failure))
    error_message = "on_failure must be the ARN of an SQS queue or an SNS topic."
  }
}

# An optional input: null is valid, and any other value must be a destination.
variable "on_success" {
  type    = string
  default = null

  validation {
    condition     = can(provider::awslambda::destination_kind(var.on_success))
    error_message = "on_success must be the ARN of a destination."
  }
}

output "kind" {
  value = provider::awslambda::destination_kind(var.on_failure) # "sqs"
}
