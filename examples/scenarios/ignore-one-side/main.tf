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

resource "aws_lambda_function" "orders" {
  function_name = "orders-worker"
  role          = "arn:aws:iam::123456789012:role/orders-worker"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders-worker:1.4.0"
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name          = aws_lambda_function.orders.arn
  maximum_retry_attempts = 1

  # Required: Terraform puts the ignored destination into this object.
  destination_config = {}

  lifecycle {
    ignore_changes = [destination_config.on_failure]
  }
}
