terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "aws" {
  region = "us-east-1"
}

provider "awslambda" {
  region = "us-east-1"
}

resource "aws_sqs_queue" "failed" {
  name = "orders-failed"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders-worker"
  role          = "arn:aws:iam::123456789012:role/orders-worker"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders-worker:1.4.0"
  publish       = true
}

module "orders" {
  source = "../.."

  function_name = aws_lambda_function.orders.arn
  configs = {
    current = {
      qualifier  = aws_lambda_function.orders.version # unknown until apply
      on_failure = aws_sqs_queue.failed.arn
    }
  }
  timeouts = { create = "10m" }
}

# Terraform creates the policy after the configuration or at the same time. The
# provider retries for two minutes, until the policy has propagated.
resource "aws_iam_role_policy" "failed" {
  name   = "orders-failed"
  role   = "orders-worker"
  policy = module.orders.policy_json
}
