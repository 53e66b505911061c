# A configuration that calls a provider's functions has to name the provider.
terraform {
  required_providers {
    awslambda = {
      source = "lambda-async/awslambda"
    }
  }
}

# An input that has to be a queue or a topic.
variable "on_failure" {
  type    = string
  default = "arn:aws:sqs:us-east-1:123456789012:orders-failed"

  validation {
    condition     = contains(["sqs", "sns"], provider::awslambda::destination_kind(var.on_failure))
    error_message = "on_failure must be the ARN of an SQS queue or an SNS topic."
  }
}

output "kind" {
  value = provider::awslambda::destination_kind(var.on_failure) # "sqs"
}
