terraform {
  required_providers {
    aws       = { source = "hashicorp/aws", version = ">= 6.0" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "aws" {
  region = "us-east-1"
}

provider "awslambda" {
  region = "us-east-1"
}

locals {
  regions = toset(["us-east-1", "eu-west-1"])
}

resource "aws_lambda_function" "orders" {
  for_each = local.regions

  region        = each.key
  function_name = "orders-worker"
  role          = "arn:aws:iam::123456789012:role/orders-worker"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.${each.key}.amazonaws.com/orders-worker:1.4.0"
}

resource "aws_sqs_queue" "failed" {
  for_each = local.regions

  region = each.key
  name   = "orders-failed"
}

# The execution role of the functions in both regions.
resource "aws_iam_role_policy" "failed" {
  name = "orders-failed"
  role = "orders-worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for queue in aws_sqs_queue.failed : {
      Effect   = "Allow"
      Action   = provider::awslambda::destination_permissions(queue.arn).actions
      Resource = provider::awslambda::destination_permissions(queue.arn).resources
    }]
  })
}

# One provider block serves all regions: the region of the function's ARN takes precedence.
resource "awslambda_function_event_invoke_config" "orders" {
  for_each = local.regions

  function_name = aws_lambda_function.orders[each.key].arn

  destination_config = {
    on_failure = { destination = aws_sqs_queue.failed[each.key].arn }
  }

  # Lambda checks the role's permission when the destination is configured.
  depends_on = [aws_iam_role_policy.failed]
}
